/** Things that were opened one after the other and are closed in the opposite order, whatever fails on the way. */

type Close = () => void | Promise<void>;

export class Opened {
  private readonly closers: Close[] = [];

  /** Opens the next thing; if that fails, everything before it is closed again. */
  async open<T>(opening: T | Promise<T>, close: (opened: T) => void | Promise<void>): Promise<T> {
    try {
      const opened = await opening;
      this.closers.push(() => close(opened));
      return opened;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** The last opened first. What fails to close is no reason to leave the rest open. */
  async close(): Promise<void> {
    const errors: unknown[] = [];
    for (let close = this.closers.pop(); close !== undefined; close = this.closers.pop()) {
      try {
        await close();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
