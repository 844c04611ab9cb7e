// What a market has, page by page. The newest answer of each question stays
// for this visit, so that the way back shows at once what was there, and a
// market that cannot be reached still shows what was seen.

import { call, SXPError, type AnnouncementView, type Browse } from '../../lib/api/client';

type Shown = { items: AnnouncementView[]; next: number; at: number };

const kept = new Map<string, Shown>();
const most = 20; // questions

function keep(key: string, shown: Shown): void {
  kept.delete(key);
  kept.set(key, shown);
  for (const old of kept.keys()) {
    if (kept.size <= most) break;
    kept.delete(old);
  }
}

export type Pages = {
  readonly items: AnnouncementView[] | undefined;
  readonly more: boolean;
  readonly loading: boolean;
  readonly loadingMore: boolean;
  readonly error: SXPError | undefined;
  readonly at: number; // when what is shown was asked
  reload(): void;
  showMore(): Promise<void>;
};

/** pages asks input's question while the component lives, and again when it changes. */
export function pages(input: () => Browse | undefined): Pages {
  let shown = $state.raw<Shown | undefined>();
  let error = $state.raw<SXPError | undefined>();
  let loading = $state(true);
  let loadingMore = $state(false);
  let again = $state(0);
  let turn = 0;

  $effect(() => {
    const q = input();
    void again;
    if (!q) return;
    const mine = ++turn;
    const key = JSON.stringify(q);
    shown = kept.get(key);
    loading = true;
    loadingMore = false;
    error = undefined;
    call('browse', q).then(
      (page) => {
        if (mine !== turn) return;
        shown = { items: page.items, next: page.next, at: Date.now() };
        keep(key, shown);
        loading = false;
      },
      (err: SXPError) => {
        if (mine !== turn) return;
        error = err;
        loading = false;
      },
    );
  });

  return {
    get items() {
      return shown?.items;
    },
    get more() {
      return (shown?.next ?? 0) > 0;
    },
    get loading() {
      return loading;
    },
    get loadingMore() {
      return loadingMore;
    },
    get error() {
      return error;
    },
    get at() {
      return shown?.at ?? 0;
    },
    reload() {
      again++;
    },
    async showMore() {
      const q = input();
      if (!q || !shown?.next || loadingMore) return;
      const mine = turn;
      const before = shown;
      loadingMore = true;
      error = undefined;
      try {
        const page = await call('browse', { ...q, before: before.next });
        if (mine !== turn) return;
        const known = new Set(before.items.map((a) => a.id));
        shown = { items: [...before.items, ...page.items.filter((a) => !known.has(a.id))], next: page.next, at: before.at };
        keep(JSON.stringify(q), shown);
      } catch (err) {
        if (mine === turn) error = err as SXPError;
      } finally {
        if (mine === turn) loadingMore = false;
      }
    },
  };
}
