import { useEffect, useRef } from 'react';

type Handler = (event: KeyboardEvent) => void;

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}

/** Whether a dialog or menu has the keyboard now. */
function inDialog(): boolean {
  return document.querySelector('[role="dialog"]:not([data-quiet])') !== null;
}

/**
 * Binds keys while the component is shown. Keys are single characters (`j`, `?`), names in lower case (`enter`), `g x`
 * for two in a row, or
 * `mod+k`; single keys rest while somebody types or a dialog is open.
 */
export function useKeys(bindings: Record<string, Handler>, active = true): void {
  const current = useRef(bindings);
  current.current = bindings;
  useEffect(() => {
    if (!active) return;
    let prefixAt = Number.NEGATIVE_INFINITY;
    const listen = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && !event.altKey) {
        const handler = current.current[`mod+${event.key.toLowerCase()}`];
        if (handler) {
          event.preventDefault();
          handler(event);
        }
        return;
      }
      if (event.altKey || typing(event.target) || inDialog()) return;
      const key = event.key.length > 1 ? event.key.toLowerCase() : event.key;
      const second = event.timeStamp - prefixAt < 1_200;
      const handler = (second ? current.current[`g ${key}`] : undefined) ?? (second ? undefined : current.current[key]);
      prefixAt = key === 'g' ? event.timeStamp : Number.NEGATIVE_INFINITY;
      if (!handler) return;
      event.preventDefault();
      handler(event);
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [active]);
}
