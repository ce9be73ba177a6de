// Values are the same after they were texts; what is no value is turned down with its reason.
import { describe, expect, it } from 'vitest';
import { registration, valuesOfAllKinds, view } from '../../core/conformance/coordinator-values.test-kit.js';
import { decodeValue, encodeValue, VALUE_BYTES_MAX } from './values.js';

describe('a value', () => {
  it.each(valuesOfAllKinds.map((value) => [value.kind, value]))('of kind %s comes back as it was', (_, value) => {
    expect(decodeValue(encodeValue(value))).toStrictEqual(value);
  });

  it('is written without the look-up table of a view', () => {
    expect(encodeValue({ kind: 'view', view })).not.toContain('positions');
  });

  it('that is a registration and does not say whether anything was written says that something was', () => {
    const { written, ...former } = registration;
    expect(written).toBe(true);
    expect(decodeValue(JSON.stringify({ kind: 'registration', registration: former }))).toMatchObject({
      registration: { written: true },
    });
  });

  it('that is too large is not written', () => {
    const large = { ...view, clusterId: 'x'.repeat(VALUE_BYTES_MAX) };
    expect(() => encodeValue({ kind: 'view', view: large })).toThrow(/more than a coordinator takes/);
  });
});

describe('a text that is no value', () => {
  const withRing = (ring: unknown) => JSON.stringify({ kind: 'view', view: { ...view, positions: undefined, ring } });
  it.each([
    ['{', /JSON/],
    ['[]', /no value of a coordinator/],
    ['{"kind":"lives","count":-1}', /count/],
    ['{"kind":"lives","count":1.5}', /count/],
    ['{"kind":"lives","count":9007199254740993}', /count/],
    ['{"kind":"thought"}', /kind/],
    ['{"kind":"registration","registration":{"member":"a"}}', /incarnation/],
    [
      withRing([
        { id: 'a', incarnation: 1, address: 'a:1' },
        { id: 'a', incarnation: 1, address: 'a:1' },
      ]),
      /stands in the ring once/,
    ],
    [withRing([]), /made of members/],
  ])('%s is refused', (text, reason) => {
    expect(() => decodeValue(text)).toThrow(reason);
  });
});
