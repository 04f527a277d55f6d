import { expect, it } from 'vitest';
import { ProblemError } from '../src/lib/backend/backend';
import { createFake } from '../src/lib/backend/fake';
import { problem } from '../src/lib/backend/fake/problems';
import { AppStores } from '../src/lib/stores/app.svelte';

it('hears the app once, also when its start had to be tried again, and lets go at the end', async () => {
  const fake = createFake({ pace: 0 });
  const { listen, getStart } = fake;
  let heard = 0;
  fake.listen = async (news) => {
    heard += 1;
    const stop = await listen(news);
    return () => {
      heard -= 1;
      stop();
    };
  };
  fake.getStart = () => Promise.reject(new ProblemError(problem('ledgerUnreadable')));
  const app = new AppStores(fake);
  await app.begin();
  expect(app.session.screen).toBe('startProblem');
  fake.getStart = getStart;
  await app.begin();
  expect([app.session.screen, heard]).toEqual(['files', 1]);
  app.end();
  expect(heard).toBe(0);
});
