import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { queryString, request } from '../../api/request.ts';
import { Refusal } from '../../ui/screen.tsx';

interface Offered {
  id: string;
  name: string;
}

/** Sends the browser to a provider; it comes back signed in. */
async function goTo(providerId: string, to: string): Promise<void> {
  const { url } = await request<{ url: string }>('/auth/single-sign-on/begin', {
    method: 'POST',
    body: { providerId, to },
    storesNothing: true,
  });
  location.assign(url);
}

/** Sign-in through the provider of a company: its short name first, then the provider where there are several. */
export function Company({ to, back }: { to: string; back(): void }) {
  const [slug, setSlug] = useState('');
  const [offered, setOffered] = useState<Offered[] | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const trying = async (work: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    try {
      await work();
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  const find = (event: FormEvent) => {
    event.preventDefault();
    void trying(async () => {
      const { items } = await request<{ items: Offered[] }>(
        `/auth/single-sign-on${queryString({ tenant: slug.trim().toLowerCase() })}`,
      );
      const [only] = items;
      if (only && items.length === 1) await goTo(only.id, to);
      else setOffered(items);
    });
  };
  return (
    <form onSubmit={find} className="stack" style={{ gap: 12 }}>
      <TextInput
        label="Company"
        description="Its short name here; your administrator knows it"
        size="sm"
        required
        autoFocus
        autoCapitalize="none"
        value={slug}
        onChange={(event) => {
          setSlug(event.currentTarget.value);
          setOffered(null);
        }}
      />
      {offered?.length === 0 && (
        <div>No sign-in of its own is set up for this name. Check the name, or use your e-mail and password.</div>
      )}
      {offered?.map((one) => (
        <Button key={one.id} variant="default" size="sm" onClick={() => void trying(() => goTo(one.id, to))}>
          {one.name}
        </Button>
      ))}
      {error !== null && <Refusal error={error} />}
      {!offered?.length && (
        <Button type="submit" size="sm" loading={busy} fullWidth>
          Go on
        </Button>
      )}
      <button type="button" className="plain link t-sm" onClick={back}>
        Use e-mail and password
      </button>
    </form>
  );
}
