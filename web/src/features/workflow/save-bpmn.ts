/** Hands a diagram over as a file. */
export function saveBpmn(bpmn: string, name: string): void {
  const url = URL.createObjectURL(new Blob([bpmn], { type: 'application/xml' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${name}.bpmn`;
  link.click();
  URL.revokeObjectURL(url);
}
