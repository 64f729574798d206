/** A pause that a call ends early; a call before the pause keeps it from beginning. */
export class Nap {
  woken = false;
  #end: () => void = () => undefined;

  wake(): void {
    this.woken = true;
    this.#end();
  }

  pause(ms: number): Promise<void> {
    if (this.woken) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
