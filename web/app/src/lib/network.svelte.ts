// Whether the device has a network at all, as the browser says.

export const network = $state({ online: navigator.onLine });

window.addEventListener('online', () => (network.online = true));
window.addEventListener('offline', () => (network.online = false));
