/**
 * The coordinator of the small world: a few keys with versions. It answers by itself at once, unless a script wants to
 * see and answer a server's calls by hand. Watches fire only when a script says so.
 */
import {
  type CallId,
  type CoordinatorReply,
  type CoordinatorRequest,
  type CoordinatorValue,
  type Key,
  type SessionState,
  type Stored,
  VIEW_KEY,
} from '../coordinator-port.js';
import type { MemberId } from '../ids.js';
import type { Output } from '../output.js';
import type { View } from '../view/view.js';
import type { Server, Stage } from './server.test-kit.js';
import { viewText } from './words.test-kit.js';

type Call = Extract<Output, { kind: 'call-coordinator' }>;

interface Party {
  readonly server: Server;
  session: number;
  /** Calls that wait for the script. */
  asked: Call[];
  isWatching: boolean;
}

export class CoordinatorKit {
  readonly byHand = new Set<MemberId>();
  private readonly values = new Map<Key, Stored>();
  private readonly parties = new Map<MemberId, Party>();

  constructor(private readonly stage: Stage) {}

  get view(): View | undefined {
    const value = this.values.get(VIEW_KEY)?.value;
    return value?.kind === 'view' ? value.view : undefined;
  }

  writeView(view: View): void {
    this.put(VIEW_KEY, { kind: 'view', view }, '');
  }

  hear(server: Server, output: Extract<Output, { kind: 'open-session' | 'close-session' | 'call-coordinator' }>): void {
    const party = this.party(server);
    const isShown = this.byHand.has(server.id);
    if (output.kind === 'open-session') {
      if (isShown) this.stage.say(`${server.id} opens session ${output.session}`);
      Object.assign(party, { session: output.session, asked: [], isWatching: false });
      if (!isShown) this.session(server, 'connected');
    } else if (output.kind === 'close-session') {
      if (isShown) this.stage.say(`${server.id} closes session ${output.session}`);
      this.dropOwner(ownerOf(party));
    } else if (isShown) {
      this.stage.say(`${server.id} asks: ${requestText(output.request)}`);
      party.asked.push(output);
    } else {
      this.reply(party, output.call, this.carryOut(party, output.request));
    }
  }

  session(server: Server, state: SessionState): void {
    const party = this.party(server);
    if (state !== 'connected') this.loseAnswers(party);
    if (state === 'expired') this.dropOwner(ownerOf(party));
    this.stage.feed(server, { kind: 'session', session: party.session, state, owner: ownerOf(party) });
  }

  /** Carries out the first call that waits, and answers it. @returns false if none waits. */
  answer(server: Server): boolean {
    const party = this.party(server);
    const call = party.asked.shift();
    if (call === undefined) return false;
    const reply = this.carryOut(party, call.request);
    const header = `coordinator>${server.id} ${requestText(call.request)}: ${replyText(reply)}`;
    this.stage.under(header, () => this.reply(party, call.call, reply));
    return true;
  }

  /** Carries out the first call that waits; its answer and all others are lost with the connection. */
  loseAnswer(server: Server): boolean {
    const party = this.party(server);
    const call = party.asked[0];
    if (call === undefined) return false;
    this.carryOut(party, call.request);
    this.session(server, 'disconnected');
    return true;
  }

  /** @returns false if no watch is armed. */
  fire(server: Server): boolean {
    const party = this.party(server);
    if (!party.isWatching) return false;
    party.isWatching = false;
    this.stage.feed(server, { kind: 'watch-fired', session: party.session, key: VIEW_KEY });
    return true;
  }

  /** Somebody else's doing. */
  put(key: Key, value: CoordinatorValue, owner: string): void {
    const version = (this.values.get(key)?.version ?? -1) + 1;
    this.values.set(key, { key, value, version, owner });
  }

  delete(key: Key): boolean {
    return this.values.delete(key);
  }

  texts(): readonly string[] {
    return [...this.values.values()].map((stored) => `${stored.key}: ${storedText(stored)}`);
  }

  private party(server: Server): Party {
    const party = this.parties.get(server.id) ?? { server, session: 0, asked: [], isWatching: false };
    this.parties.set(server.id, party);
    return party;
  }

  private loseAnswers(party: Party): void {
    const lost = party.asked;
    party.asked = [];
    for (const { call } of lost) this.reply(party, call, { result: 'unknown' });
  }

  private reply({ server, session }: Party, call: CallId, reply: CoordinatorReply): void {
    this.stage.feed(server, { kind: 'coordinator-reply', session, call, reply });
  }

  private dropOwner(owner: string): void {
    for (const [key, stored] of this.values) if (stored.owner === owner) this.values.delete(key);
  }

  private carryOut(party: Party, request: CoordinatorRequest): CoordinatorReply {
    if (request.op === 'sync') return { result: 'done', version: 0 };
    if (request.op === 'list') {
      return { result: 'values', stored: [...this.values.values()].filter(({ key }) => key.startsWith(request.under)) };
    }
    const present = this.values.get(request.key);
    if (request.op === 'create') {
      if (present !== undefined) return { result: 'conflict' };
      this.put(request.key, request.value, request.ephemeral ? ownerOf(party) : '');
      return { result: 'done', version: 0 };
    }
    if (request.op === 'read' && request.watch) party.isWatching = true;
    if (present === undefined) return { result: 'absent' };
    if (request.op === 'read') return { result: 'value', stored: present };
    if (present.version !== request.expected) return { result: 'conflict' };
    if (request.op === 'set') this.put(request.key, request.value, present.owner);
    else this.values.delete(request.key);
    return { result: 'done', version: present.version + 1 };
  }
}

const ownerOf = ({ server, session }: Party): string => `${server.id}'s session ${session}`;

function requestText(request: CoordinatorRequest): string {
  switch (request.op) {
    case 'read':
      return `read ${request.key}${request.watch ? ' and watch it' : ''}`;
    case 'list':
      return `list ${request.under}`;
    case 'create':
      return `create ${request.key}: ${valueText(request.value)}`;
    case 'set':
      return `set ${request.key}, if it is at version ${request.expected}: ${valueText(request.value)}`;
    case 'delete':
      return `delete ${request.key}, if it is at version ${request.expected}`;
    case 'sync':
      return 'sync';
  }
}

function replyText(reply: CoordinatorReply): string {
  switch (reply.result) {
    case 'value':
      return storedText(reply.stored);
    case 'values':
      return `${reply.stored.length} values`;
    default:
      return reply.result;
  }
}

function storedText({ value, version, owner }: Stored): string {
  return `${valueText(value)}, version ${version}${owner === '' ? '' : `, of ${owner}`}`;
}

function valueText(value: CoordinatorValue): string {
  if (value.kind === 'view') return viewText(value.view);
  if (value.kind === 'lives') return `${value.count} lives`;
  if (value.kind === 'statistics') return `figures of ${value.statistics.member}`;
  const { member, incarnation, epoch, brokenIn, brokenOut, probes } = value.registration;
  const broken = [brokenIn ? 'cannot hear its predecessor' : '', brokenOut ? 'is not heard by its successor' : ''];
  const says = broken.filter((text) => text !== '').join(', ');
  const hears = probes.length > 0 ? `, hears ${probes.join(' ')}` : '';
  return `${member} in life ${incarnation}${says === '' ? '' : `, in epoch ${epoch} ${says}${hears}`}`;
}
