/** How far a link is, in words and in a tone; a link whose time is over has ended, whatever was read before. */
import type { SharedLink } from '../../lib/backend/backend';
import { endShort, moment, until } from '../../lib/i18n/formats';
import { t } from '../../lib/i18n/words.svelte';

export interface Status {
  tone: 'link' | 'off';
  words: string;
  /** Within a day. */
  soon: boolean;
}

export function works(link: SharedLink, now: Date): boolean {
  return link.state === 'working' && new Date(link.endsAt) > now;
}

export function statusOf(link: SharedLink, now: Date): Status {
  if (link.state === 'stopped')
    return {
      tone: 'off',
      words: t('links.status.stopped', { time: moment(link.stoppedAt ?? link.endsAt, now) }),
      soon: false,
    };
  if (!works(link, now))
    return { tone: 'off', words: t('links.status.ended', { time: moment(link.endsAt, now) }), soon: false };
  const rest = until(link.endsAt, now);
  const said = (words: string, soon: boolean): Status => ({ tone: 'link', words, soon });
  if (!rest) return said(t('links.status.until', { end: endShort(link.endsAt, now) }), false);
  if (rest.hours > 0) return said(t('links.status.hours', { hours: rest.hours }), true);
  if (rest.minutes > 0) return said(t('links.status.minutes', { minutes: rest.minutes }), true);
  return said(t('links.status.now'), true);
}

/** What became of the file since, and what the link does about it. */
export function fileNews(link: SharedLink): { words: string; why: string; tone: 'warn' | 'off' } | null {
  if (link.file !== 'changed' && link.file !== 'gone') return null;
  const words = t(`links.file.${link.file}`);
  // A private copy stays as it is.
  if (link.stoppable) return { words, why: t('links.file.copy_stays'), tone: 'off' };
  const why = link.file === 'gone' ? t('links.file.opens_nothing') : t('links.file.opens_new');
  return { words, why, tone: 'warn' };
}
