// Where the person is, if they said so: for this visit only, and never more
// exact than what is published.

import { SXPError, type Point } from '../../lib/api/client';
import { t } from '../../lib/i18n.svelte';
import { rounded } from './geo';

export const here = $state<{ point: Point | undefined }>({ point: undefined });

/** locate asks the device, which asks the person. Call it on a tap only. */
export function locate(): Promise<Point> {
  return new Promise((found, lost) => {
    if (!navigator.geolocation) {
      lost(new SXPError('unsupported', t('market.place.none')));
      return;
    }
    navigator.geolocation.getCurrentPosition(
      (p) => {
        here.point = rounded(p.coords.latitude, p.coords.longitude);
        found(here.point);
      },
      (err) => lost(err.code === err.PERMISSION_DENIED ? new SXPError('denied', t('market.place.denied')) : new SXPError('unavailable', t('market.place.lost'))),
      { enableHighAccuracy: false, timeout: 15_000, maximumAge: 600_000 },
    );
  });
}
