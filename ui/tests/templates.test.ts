import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse, type AST } from 'svelte/compiler';
import { describe, expect, it } from 'vitest';

const SHOWN_ATTRIBUTES = [
  'title',
  'placeholder',
  'aria-label',
  'aria-description',
  'alt',
  'label',
  'sentence',
  'hint',
];

function templates(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return templates(path);
    return name.endsWith('.svelte') ? [path] : [];
  });
}

type Node = { type: string } & Record<string, unknown>;
const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value;

function* nodes(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const one of value) yield* nodes(one);
  else if (typeof value === 'object' && value !== null) {
    if (isNode(value)) yield value;
    for (const child of Object.values(value)) yield* nodes(child);
  }
}

/** Letters that are written in the template instead of the catalogue. */
function literals(source: string): string[] {
  const { fragment } = parse(source, { modern: true }) as AST.Root;
  return [...nodes(fragment)].flatMap((node) => {
    if (node.type === 'Text' && typeof node.data === 'string' && node.attribute !== true) return [node.data];
    return [];
  });
}

function shownAttributes(source: string): string[] {
  const { fragment } = parse(source, { modern: true }) as AST.Root;
  return [...nodes(fragment)]
    .filter((node) => node.type === 'Attribute' && SHOWN_ATTRIBUTES.includes(String(node.name)))
    .flatMap((node) => (Array.isArray(node.value) ? (node.value as Node[]) : []))
    .filter((part) => part.type === 'Text')
    .map((part) => String(part.data));
}

function attributeTexts(source: string): Set<string> {
  const { fragment } = parse(source, { modern: true }) as AST.Root;
  return new Set(
    [...nodes(fragment)]
      .filter((node) => node.type === 'Attribute' && Array.isArray(node.value))
      .flatMap((node) => node.value as Node[])
      .filter((part) => part.type === 'Text')
      .map((part) => String(part.data)),
  );
}

const letters = /\p{L}/u;

describe.each(templates('src'))('%s', (path) => {
  const source = readFileSync(path, 'utf8');

  it('takes every visible word from the catalogue', () => {
    const inAttributes = attributeTexts(source);
    const visible = literals(source).filter((text) => letters.test(text) && !inAttributes.has(text));
    expect(visible).toEqual([]);
    expect(shownAttributes(source).filter((text) => letters.test(text))).toEqual([]);
  });

  it('has no inline style or script, which the window refuses', () => {
    expect(source).not.toMatch(/\sstyle="/);
    expect(source).not.toMatch(/@html/);
  });

  it('is at most 300 lines long', () => {
    expect(source.split('\n').length).toBeLessThanOrEqual(301);
  });
});
