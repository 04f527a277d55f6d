/** The step by step check of an access key, with the usual things that do not fit. */
import type { CheckField, CheckStep, Code, NewPlace } from '../backend';
import { problem } from './problems';

const STEPS: CheckStep['step'][] = ['answers', 'private', 'recognised', 'see', 'upload', 'delete'];

interface Finding {
  step: CheckStep['step'];
  state: 'refused' | 'notAllowed';
  field: CheckField | null;
  code: Code;
}

function findings(place: NewPlace): Finding[] {
  if (place.address.includes('nowhere')) {
    return [{ step: 'answers', state: 'refused', field: 'address', code: 'unreachable' }];
  }
  if (!place.keyId.startsWith('AK')) {
    return [{ step: 'recognised', state: 'refused', field: 'keyId', code: 'keyUnknown' }];
  }
  if (place.secretKey.includes('wrong')) {
    return [{ step: 'recognised', state: 'refused', field: 'secretKey', code: 'secretWrong' }];
  }
  if (place.bucket === 'missing') {
    return [{ step: 'see', state: 'refused', field: 'bucket', code: 'placeNotFound' }];
  }
  if (place.bucket === 'readonly') {
    return [
      { step: 'upload', state: 'notAllowed', field: null, code: 'uploadDenied' },
      { step: 'delete', state: 'notAllowed', field: null, code: 'deleteDenied' },
    ];
  }
  return [];
}

/** Runs the steps one by one; true when the place can be used. */
export async function check(
  place: NewPlace,
  pause: (units: number) => Promise<void>,
  tell: (steps: CheckStep[]) => void,
): Promise<{ steps: CheckStep[]; passed: boolean }> {
  const found = findings(place);
  const steps: CheckStep[] = STEPS.map((step) => ({ step, state: 'waiting', field: null, problem: null }));
  for (const step of steps) {
    step.state = 'running';
    tell(steps.map((one) => ({ ...one })));
    await pause(3);
    const finding = found.find((one) => one.step === step.step);
    step.state = finding?.state ?? 'passed';
    if (finding) {
      step.field = finding.field;
      step.problem = problem(finding.code, { place: place.bucket, folder: place.name || place.bucket });
    }
    tell(steps.map((one) => ({ ...one })));
    if (finding?.state === 'refused') return { steps, passed: false };
  }
  return { steps, passed: true };
}
