/** Clients as a process of their own: what they cost is not taken from the process that looks on. */
import { type Load, runLoad } from './load.js';
import { answerParent } from './processes.js';
import { type BeginWriting, type EndWriting, type MarkWriting, Writer } from './writer.js';

let writer: Writer | undefined;

answerParent((question: Load | BeginWriting | MarkWriting | EndWriting) => {
  switch (question.kind) {
    case 'load':
      return runLoad(question);
    case 'begin-writing':
      writer = new Writer(question);
      return writer.isWriting();
    case 'mark-writing':
      return writer?.mark();
    case 'end-writing':
      return writer?.end();
  }
});
