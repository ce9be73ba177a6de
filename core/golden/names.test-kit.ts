/**
 * Short names for what the protocol names at length: writes and their uploads by the letters a script gives them.
 */
import { type EntryId, type OperationId, type UploadId, versionText } from '../ids.js';
import type { Ranges } from '../ranges.js';

export class Names {
  private readonly operations = new Map<OperationId, string>();
  private readonly uploads = new Map<UploadId, string>();

  /** The operation id of a write called so; the same name is the same write, whoever repeats it. */
  operationCalled(name: string, now: number): OperationId {
    for (const [id, known] of this.operations) if (known === name) return id;
    const time = now.toString(16).padStart(12, '0');
    const count = (this.operations.size + 1).toString(16).padStart(12, '0');
    const id = `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${count}`;
    this.operations.set(id, name);
    return id;
  }

  /** The second upload of write A is called A', the third A''. */
  nameUpload(upload: UploadId, operation: OperationId): void {
    let name = this.operation(operation);
    while ([...this.uploads.values()].includes(name)) name += "'";
    this.uploads.set(upload, name);
  }

  operation(id: OperationId): string {
    return this.operations.get(id) ?? id;
  }

  upload(id: UploadId): string {
    return this.uploads.get(id) ?? id;
  }

  uploadCalled(name: string): UploadId | undefined {
    for (const [id, known] of this.uploads) if (known === name) return id;
    return undefined;
  }

  /** `A#2`, `A#0..2,5` */
  chunks(upload: UploadId, ranges: Ranges): string {
    return `${this.upload(upload)}#${rangesText(ranges)}`;
  }
}

/** Both ends included: `0..2,5`. */
export function rangesText(ranges: Ranges): string {
  const text = ({ from, to }: Ranges[number]): string => (to === from + 1 ? `${from}` : `${from}..${to - 1}`);
  return ranges.map(text).join(',') || 'none';
}

export const version = (id: EntryId): string => versionText(id);
