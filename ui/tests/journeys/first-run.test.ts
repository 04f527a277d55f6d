import { waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { TestId } from '../../src/lib/testids';
import { start, text, type Window } from '../start';

async function form(window: Window, typed: { bucket?: string; keyId?: string; secret?: string }) {
  await window.user.click(await window.find(TestId.WelcomeAccessKey));
  const fill = async (
    id: typeof TestId.FieldBucket | typeof TestId.FieldKeyId | typeof TestId.FieldSecretKey,
    value?: string,
  ) => {
    if (value) await window.user.type(await window.find(id), value);
  };
  await fill(TestId.FieldBucket, typed.bucket ?? 'acme-marketing');
  await fill(TestId.FieldKeyId, typed.keyId ?? 'AKIAIOSFODNN7EXAMPLE');
  await fill(TestId.FieldSecretKey, typed.secret ?? 'right-secret');
  await window.user.click(await window.find(TestId.AccessKeySubmit));
}

describe('the first run', () => {
  it('offers what works, and nothing that does not', async () => {
    const window = await start({ places: [] });
    const welcome = await window.find(TestId.Welcome);
    const buttons = [...welcome.querySelectorAll('button')].map((button) => button.dataset.testid);
    expect(buttons).toEqual([TestId.WelcomeAccessKey, TestId.WelcomePractice, TestId.WelcomeNothing]);
  });

  it('opens the practice place with one click and says that its links stay here', async () => {
    const window = await start({ places: [] });
    await window.user.click(await window.find(TestId.WelcomePractice));
    await window.row('Brochure.pdf');
    expect(text(await window.find(TestId.PracticeBanner))).toContain('only on this computer');
  });

  it('prepares a mail for somebody who has nothing from IT', async () => {
    const window = await start({ places: [] });
    await window.user.click(await window.find(TestId.WelcomeNothing));
    await waitFor(() => expect(window.fake.asked).toEqual(['mail for access']));
    await window.find(TestId.Toast);
  });

  it('connects with a right key: steps, count of folders, then the files', async () => {
    const window = await start({ places: [] });
    await form(window, {});
    expect(text(await window.find(TestId.AccessKeyConnected))).toBe('Connected. 12 folders found.');
    const states = window.all(TestId.CheckStep).map((step) => step.dataset.state);
    expect(states).toEqual(['passed', 'passed', 'passed', 'passed', 'passed', 'passed']);
    await window.says('Connected. 12 folders found.');
    const open = await window.find(TestId.AccessKeyOpen);
    expect(document.activeElement).toBe(open);
    await window.user.click(open);
    await window.row('Campaigns');
    expect(text(await window.find(TestId.CrumbCurrent))).toBe('acme-marketing');
  });

  it('forgets the secret as soon as it is not needed', async () => {
    const window = await start({ places: [] });
    await form(window, {});
    await window.find(TestId.AccessKeyConnected);
    const field = (await window.find(TestId.FieldSecretKey)) as HTMLInputElement;
    expect(field.value).toBe('');
    expect(field.type).toBe('password');
    expect(field.getAttribute('autocomplete')).toBe('off');
    expect(document.body.innerHTML).not.toContain('right-secret');
  });

  it('shows the trouble at the field that caused it, and brings the person there', async () => {
    const window = await start({ places: [] });
    await form(window, { secret: 'wrong-secret' });
    const trouble = await window.find(TestId.FieldTrouble);
    expect(trouble.dataset.field).toBe('secretKey');
    expect(text(trouble)).toContain('doesn’t belong to this key ID');
    const field = await window.find(TestId.FieldSecretKey);
    expect(field.getAttribute('aria-invalid')).toBe('true');
    await waitFor(() => expect(document.activeElement).toBe(field));
    const step = await window.find(TestId.CheckStep, '[data-step="recognised"]');
    expect(step.dataset.state).toBe('refused');
    expect(text(step)).toContain('the secret key doesn’t fit');
  });

  it('asks for what is missing before it checks anything', async () => {
    const window = await start({ places: [] });
    await window.user.click(await window.find(TestId.WelcomeAccessKey));
    await window.user.click(await window.find(TestId.AccessKeySubmit));
    expect(window.all(TestId.FieldTrouble).map((one) => one.dataset.field)).toEqual([
      'bucket',
      'keyId',
      'secretKey',
    ]);
    expect(window.all(TestId.CheckSteps)).toHaveLength(0);
  });

  it('saves a place that may only see, and says what it may not', async () => {
    const window = await start({ places: [] });
    await form(window, { bucket: 'readonly' });
    await window.find(TestId.AccessKeyConnected);
    const upload = await window.find(TestId.CheckStep, '[data-step="upload"]');
    expect(upload.dataset.state).toBe('notAllowed');
    expect(text(upload)).toContain('may not upload');
  });

  it.each(['locked', 'missing'] as const)(
    'offers this session only when the password store is %s',
    async (store) => {
      const window = await start({ places: [], passwordStore: store });
      await form(window, {});
      await window.find(TestId.StoreTrouble);
      await window.find(TestId.StoreUnlock);
      await window.user.click(await window.find(TestId.StoreSession));
      await window.find(TestId.AccessKeyConnected);
    },
  );

  it('tries again after the password store was unlocked', async () => {
    const window = await start({ places: [], passwordStore: 'locked' });
    await form(window, {});
    await window.user.click(await window.find(TestId.StoreUnlock));
    await window.find(TestId.AccessKeyConnected);
  });

  it('keeps a place that was saved, also for those who go back instead of looking at it', async () => {
    const window = await start({ places: ['marketing'] });
    await window.user.click(await window.find(TestId.PlaceSwitcher));
    await window.user.click(await window.find(TestId.PlaceAdd));
    await form(window, {});
    await window.find(TestId.AccessKeyConnected);
    await window.user.click(await window.find(TestId.AccessKeyBack));
    await window.user.click(await window.find(TestId.WelcomeBack));
    await window.user.click(await window.find(TestId.PlaceSwitcher));
    await window.user.click(await window.find(TestId.PlaceItem, '[data-place="place-2"]'));
    await waitFor(async () => expect(text(await window.find(TestId.CrumbCurrent))).toBe('acme-marketing'));
  });

  it('repairs the place whose keys are entered once more, and adds no other', async () => {
    const window = await start({ places: ['marketing'], locked: ['marketing'], lockedBy: 'keyUnknown' });
    await window.user.click(await window.find(TestId.ProblemAction));
    const bucket = (await window.find(TestId.FieldBucket)) as HTMLInputElement;
    await waitFor(() => expect(bucket.value).toBe('acme-marketing'));
    expect(((await window.find(TestId.FieldName)) as HTMLInputElement).value).toBe('Marketing');
    await window.user.type(await window.find(TestId.FieldKeyId), 'AKIAIOSFODNN7EXAMPLE');
    await window.user.type(await window.find(TestId.FieldSecretKey), 'right-secret');
    await window.user.click(await window.find(TestId.AccessKeySubmit));
    await window.user.click(await window.find(TestId.AccessKeyOpen));
    await window.row('Campaigns');
    expect(text(await window.find(TestId.CrumbCurrent))).toBe('Marketing');
    await window.user.click(await window.find(TestId.PlaceSwitcher));
    expect(window.all(TestId.PlaceItem)).toHaveLength(1);
  });

  it('goes back to the files where keys were to be entered once more', async () => {
    const window = await start({ places: ['marketing'], locked: ['marketing'], lockedBy: 'keyUnknown' });
    await window.user.click(await window.find(TestId.ProblemAction));
    await window.user.click(await window.find(TestId.AccessKeyBack));
    await window.find(TestId.Problem);
  });

  it('refuses a name that another place has, at its field', async () => {
    const window = await start({ places: ['marketing'] });
    await window.user.click(await window.find(TestId.PlaceSwitcher));
    await window.user.click(await window.find(TestId.PlaceAdd));
    await form(window, { bucket: 'Marketing' });
    const trouble = await window.find(TestId.FieldTrouble);
    expect(trouble.dataset.field).toBe('name');
    expect(text(trouble)).toContain('already a place called “Marketing”');
    await waitFor(async () => expect(document.activeElement).toBe(await window.find(TestId.FieldName)));
  });

  it('has nowhere to go back to while a place is being checked', async () => {
    const window = await start({ places: [], pace: 60 });
    await form(window, {});
    const back = (await window.find(TestId.AccessKeyBack)) as HTMLButtonElement;
    expect(back.disabled).toBe(true);
    await window.find(TestId.AccessKeyConnected);
    expect(back.disabled).toBe(false);
  });

  it('goes back with Escape', async () => {
    const window = await start({ places: [] });
    await window.user.click(await window.find(TestId.WelcomeAccessKey));
    await window.find(TestId.AccessKey);
    await window.press('{Escape}');
    await window.find(TestId.Welcome);
  });
});
