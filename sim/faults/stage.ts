/**
 * The steps of a scenario: arms their triggers, strikes them (faults here, client steps through their clients), undoes
 * what has an end, and knows what is still to come and what never came.
 */

import type { Idle } from '../checkers/not-vacuous.js';
import { Client, type ClientSetting } from '../clients/client.js';
import type { OperationRecord, Order, Purpose } from '../clients/operation.js';
import type { Condition, FaultAction, Step, Who } from '../scenario/scenario.js';
import type { RandomStream, World } from '../world-api.js';
import { type Cast, isAnything } from './cast.js';
import { ChaosRun } from './chaos-run.js';
import type { Deeds } from './deeds.js';
import { strikeFault } from './fault.js';
import type { FaultTools, Strike } from './strike.js';

export type ClientStep = Step & { readonly action: Extract<Step['action'], { kind: 'client' }> };
type FaultStep = Step & { readonly action: Extract<Step['action'], { kind: 'fault' }> };
type ChaosStep = Step & { readonly action: Extract<Step['action'], { kind: 'chaos' }> };

export const isClientStep = (step: Step): step is ClientStep => step.action.kind === 'client';
const isChaosStep = (step: Step): step is ChaosStep => step.action.kind === 'chaos';

/** Told of what the steps do. */
export interface StageWatcher {
  /** @param strikes how often it has struck, this time included. */
  stepStruck(step: Step, strikes: number): void;
  faultStruck(strike: Strike): void;
  faultEnded(text: string): void;
  stepAnswered(step: ClientStep, record: OperationRecord): void;
}

export interface StageTools extends FaultTools {
  readonly deeds: Deeds;
  readonly clients: ClientSetting;
  readonly watcher: StageWatcher;
}

export class Stage {
  /** Strikes with a time that are still to come. */
  comingStrikes = 0;
  /** Conditions that have not come true. */
  openConditions = 0;
  /** Faults that will be undone. */
  openFaults = 0;
  /** Client steps that are not answered. */
  openOperations = 0;
  readonly #strikes = new Map<Step, number>();
  readonly #misses = new Map<Step, string>();
  readonly #clients = new Map<Step, readonly Client[]>();
  readonly #world: World;
  readonly #cast: Cast;

  constructor(
    private readonly steps: readonly Step[],
    private readonly tools: StageTools,
  ) {
    this.#world = tools.world;
    this.#cast = tools.cast;
  }

  /** Arms all steps. */
  start(): void {
    this.#hire(this.steps, 'c');
    for (const step of this.steps) this.#arm(step);
  }

  /** Runs client steps one after the other, each when the one before was answered; then calls `done`. */
  runInTurn(steps: readonly Step[], done: () => void): void {
    this.#hire(steps, 'e');
    const next = (place: number): void => {
      const step = steps[place];
      if (step === undefined) {
        done();
        return;
      }
      if (!isClientStep(step)) {
        next(place + 1);
        return;
      }
      this.#clientStep(step, 'eventually', () => next(place + 1));
    };
    next(0);
  }

  /** Steps that have not struck. */
  idle(): readonly Idle[] {
    return this.steps
      .filter((step) => !this.#strikes.has(step))
      .map((step) => ({ text: step.text, line: step.place.line, why: this.#whyIdle(step) }));
  }

  /** Names depend on client steps only, so that taking a fault away moves no client's random numbers. */
  #hire(steps: readonly Step[], letter: string): void {
    let count = 0;
    for (const step of steps) {
      if (!isClientStep(step)) continue;
      count += 1;
      const name = `${letter}${count}`;
      const many = step.action.clients > 1;
      const names = Array.from({ length: step.action.clients }, (_, i) => (many ? `${name}.${i + 1}` : name));
      this.#clients.set(
        step,
        names.map((each) => new Client(this.tools.clients, each)),
      );
    }
  }

  #arm(step: Step): void {
    const { trigger } = step;
    switch (trigger.kind) {
      case 'at':
        this.#strikeAt(trigger.us, step);
        return;
      case 'every':
        if (isChaosStep(step)) this.#chaos(step, trigger).start();
        else this.#strikeEvery(trigger.fromUs, trigger, step);
        return;
      case 'when':
        this.openConditions += 1;
        this.tools.deeds.await(trigger.condition, () => {
          this.openConditions -= 1;
          this.#strikeAt(this.#world.nowUs + trigger.afterUs, step);
        });
    }
  }

  #later(us: number, action: () => void): void {
    this.comingStrikes += 1;
    this.#world.at(us, () => {
      this.comingStrikes -= 1;
      action();
    });
  }

  #strikeAt(us: number, step: Step): void {
    this.#later(us, () => this.#strike(step));
  }

  /** The step itself is told once: what it strikes, each time. */
  #chaos(step: ChaosStep, span: { readonly fromUs: number; readonly toUs: number }): ChaosRun {
    const strike = (fault: FaultAction, forUs: number, random: RandomStream, ended: () => void): boolean => {
      const before = (): void => {
        if (!this.#strikes.has(step)) this.#count(step);
      };
      return this.#strikeFault(fault, forUs, random, { before, ended });
    };
    const later = (us: number, action: () => void): void => this.#later(us, action);
    const missed = (): void => {
      this.#misses.set(step, 'nothing could be struck');
    };
    const tools = { world: this.#world, cast: this.#cast, strike, later, missed };
    return new ChaosRun(step.action.chaos, span, tools, step.text);
  }

  #strikeEvery(us: number, trigger: { readonly everyUs: number; readonly toUs: number }, step: Step): void {
    if (us > trigger.toUs) return;
    this.#later(us, () => {
      this.#strike(step);
      this.#strikeEvery(us + trigger.everyUs, trigger, step);
    });
  }

  #strike(step: Step): void {
    if (isClientStep(step)) this.#clientStep(step, 'step', () => undefined);
    else this.#faultStep(step as FaultStep);
  }

  #count(step: Step): void {
    const strikes = (this.#strikes.get(step) ?? 0) + 1;
    this.#strikes.set(step, strikes);
    this.tools.watcher.stepStruck(step, strikes);
  }

  #faultStep(step: FaultStep): void {
    const { fault, forUs } = step.action;
    const random = this.#world.random(`step ${step.text}`);
    const before = (): void => this.#count(step);
    if (this.#strikeFault(fault, forUs, random, { before, ended: () => undefined })) return;
    this.#misses.set(step, 'there was nobody to strike');
  }

  /** @returns whether there was anybody. `ended`: now, if it does not last. */
  #strikeFault(
    fault: FaultAction,
    forUs: number | undefined,
    random: RandomStream,
    { before, ended }: { readonly before: () => void; readonly ended: () => void },
  ): boolean {
    const strike = strikeFault(fault, this.tools, random);
    if (strike === undefined) {
      ended();
      return false;
    }
    before();
    this.tools.watcher.faultStruck(strike);
    const { undo } = strike;
    if (undo === undefined || forUs === undefined) {
      ended();
      return true;
    }
    this.openFaults += 1;
    this.#world.at(this.#world.nowUs + forUs, () => {
      this.openFaults -= 1;
      undo();
      this.tools.watcher.faultEnded(strike.ending);
      ended();
    });
    return true;
  }

  #clientStep(step: ClientStep, purpose: Purpose, done: () => void): void {
    const { action, name, via } = step.action;
    this.#count(step);
    const clients = this.#clients.get(step) ?? [];
    let open = clients.length;
    this.openOperations += open;
    const order: Order = { purpose, name, action };
    const random = this.#world.random(`step ${step.text}`);
    for (const client of clients) {
      const first = via === undefined ? undefined : this.#cast.one(via, isAnything, random);
      client.run({ order, first, among: undefined }, (record) => {
        this.openOperations -= 1;
        open -= 1;
        this.tools.watcher.stepAnswered(step, record);
        if (open === 0) done();
      });
    }
  }

  #whyIdle(step: Step): string {
    const miss = this.#misses.get(step);
    if (miss !== undefined) return miss;
    return step.trigger.kind === 'when' ? conditionText(step.trigger.condition) : 'its time never came';
  }
}

function conditionText(condition: Condition): string {
  switch (condition.kind) {
    case 'deed':
      return `${whoText(condition.who)} never ${condition.deed} ${condition.operation}`;
    case 'finished':
      return `${condition.operation} never finished`;
    case 'installed':
      return `${whoText(condition.who)} never installed ${condition.epoch}`;
    case 'told':
      return `${whoText(condition.who)} never told ${condition.fact}`;
    case 'removed':
      return `${whoText(condition.who)} never left`;
  }
}

function whoText(who: Who): string {
  if (who.kind === 'server') return who.id;
  return who.kind === 'role' ? `${who.role}(${who.path})` : who.kind;
}
