import { request } from '../../api/request.ts';

/** Uploads a file to be imported and answers the import's id. */
export function uploadFile({
  kind,
  file,
  mapping,
}: {
  kind: string;
  file: File;
  /** The mapping's JSON as text. */
  mapping?: string | null;
}): Promise<{ id: string }> {
  const form = new FormData();
  // The fields go first, so that the server knows the kind before the file streams in.
  form.append('kind', kind);
  if (mapping) form.append('mapping', mapping);
  form.append('file', file, file.name);
  return request<{ id: string }>('/imports', { method: 'POST', form });
}
