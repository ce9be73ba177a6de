// The simulated links keep what every kind of link promises: real servers of the simulator, with puppets for protocols.
import { linksConformance } from '../../core/conformance/links.test-kit.js';
import type { LinksWorld, Place } from '../../core/conformance/links-world.test-kit.js';
import type { MemberId } from '../../core/ids.js';
import type { Input } from '../../core/input.js';
import type { Output } from '../../core/output.js';
import type { LinkInput, Post } from '../../core/ports.js';
import { initialState } from '../../core/state.js';
import { createWorld } from '../world.js';
import { scenarioOf } from '../world.test-kit.js';
import type { World } from '../world-api.js';

const SETTLE_US = 1_000_000;
const EVENTS_MAX = 1_000_000;

/** Stands in the place of a server's protocol: hears its links, and says what it is told to say. */
class Puppet {
  private readonly wanted: Output[] = [];
  private isStepping = false;

  constructor(
    private readonly post: Post<LinkInput>,
    /** Brings about a step. */
    private readonly nudge: () => void,
  ) {}

  want(output: Output): void {
    this.wanted.push(output);
    if (!this.isStepping) this.nudge();
  }

  step({ now, ...happening }: Input): readonly Output[] {
    this.isStepping = true;
    if (isOfLinks(happening)) this.post(happening);
    this.isStepping = false;
    return this.wanted.splice(0);
  }
}

function isOfLinks(happening: { readonly kind: Input['kind'] }): happening is LinkInput {
  return /^(link-.*|dial-failed|frame)$/.test(happening.kind);
}

function placeOf(world: World, puppets: Map<MemberId, Puppet>, id: MemberId): Place {
  return {
    member: { id, incarnation: 1, address: `${id}.simulated:7000` },
    begin: (post) => {
      const puppet = new Puppet(post, () => world.leave(id));
      puppets.set(id, puppet);
      world.restart(id);
      return {
        carryOut: (output) => puppet.want(output),
        end: () => puppet.want({ kind: 'stop', why: 'the test wants it' }),
      };
    },
  };
}

async function open(): Promise<LinksWorld> {
  const puppets = new Map<MemberId, Puppet>();
  const world = createWorld({
    scenario: scenarioOf(2),
    seed: 1,
    machine: {
      initialState: (identity) => initialState({ ...identity, incarnation: 1 }),
      step: (state, input) => ({ state, outputs: puppets.get(state.self)?.step(input) ?? [] }),
    },
  });
  return {
    a: placeOf(world, puppets, 'n1'),
    b: placeOf(world, puppets, 'n2'),
    nobody: { id: 'n9', incarnation: 1, address: 'n9.simulated:7000' },
    payload: (length, number) => ({ length, number }),
    isSamePayload: (one, other) => one === other,
    cut: () => world.reset('n1', 'n2'),
    until: async (holds) => {
      for (let events = 0; !holds(); events++) {
        if (events > EVENTS_MAX || !world.step()) throw new Error(`it does not come to ${holds}`);
      }
    },
    settle: async () => {
      const endUs = world.nowUs + SETTLE_US;
      while (world.nextEventUs !== undefined && world.nextEventUs <= endUs) world.step();
    },
    close: async () => undefined,
  };
}

linksConformance({ name: 'the simulated network', open });
