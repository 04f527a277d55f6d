/** Problems in the language of the person: translated by code, in English from the app where that is impossible. */
import { ProblemError, type Action, type Problem } from '../backend/backend';
import { moment, size } from '../i18n/formats';
import { isKey, t, type Values } from '../i18n/words.svelte';

export interface ShownProblem {
  code: Problem['code'];
  title: string;
  sentence: string;
  detail: string;
}

const TIME = /^\d{4}-\d\d-\d\dT/;
const SIZES = ['size', 'max', 'free'];

/** Times and sizes may come as they are measured; they are worded here. */
function word(name: string, value: string): string {
  if (TIME.test(value)) return moment(value);
  if (SIZES.includes(name) && /^\d+$/.test(value)) return size(Number(value));
  return value;
}

function translated(key: string, values: Values, english: string): string {
  if (!isKey(key)) return english;
  try {
    return t(key, values);
  } catch {
    return english;
  }
}

export function present(problem: Problem): ShownProblem {
  const values = Object.fromEntries(
    Object.entries(problem.values).map(([name, value]) => [name, word(name, value)]),
  );
  return {
    code: problem.code,
    title: translated(`problem.${problem.code}.title`, values, problem.title),
    sentence: translated(`problem.${problem.code}.sentence`, values, problem.sentence),
    detail: problem.detail,
  };
}

/** The words on the button of an action; null when the person can do nothing. */
export function actionLabel(action: Action): string | null {
  return action === 'none' ? null : t(`action.${action}`);
}

/** Anything thrown, as a problem the page can show. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof ProblemError) return thrown.problem;
  return {
    id: 0,
    code: 'unknown',
    title: t('problem.unknown.title'),
    sentence: t('problem.unknown.sentence'),
    values: {},
    action: 'none',
    retry: 'never',
    detail: thrown instanceof Error ? thrown.message : String(thrown),
  };
}
