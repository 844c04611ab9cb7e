// Reading QR codes: by the browser where it can, else by a reader that is
// fetched when it is needed.

export type Reader = (picture: HTMLVideoElement | ImageBitmap) => Promise<string | undefined>;

type Detector = { detect(source: CanvasImageSource): Promise<{ rawValue: string }[]> };
type DetectorClass = { new (options: { formats: string[] }): Detector; getSupportedFormats(): Promise<string[]> };

/** reader returns what finds a code in a picture. */
export async function reader(): Promise<Reader> {
  const Built = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  if (Built && (await Built.getSupportedFormats().catch(() => [] as string[])).includes('qr_code')) {
    const detector = new Built({ formats: ['qr_code'] });
    return async (picture) => (await detector.detect(picture)).find((c) => c.rawValue)?.rawValue;
  }
  const { default: jsQR } = await import('jsqr');
  const canvas = document.createElement('canvas');
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  return async (picture) => {
    const [w, h] = sizeOf(picture);
    if (!pen || !w || !h) return undefined;
    // A code fills a good part of what is shown to it; more pixels only take time.
    for (const side of [640, 1280]) {
      const scale = Math.min(1, side / Math.max(w, h));
      canvas.width = Math.round(w * scale);
      canvas.height = Math.round(h * scale);
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      const found = jsQR(pen.getImageData(0, 0, canvas.width, canvas.height).data, canvas.width, canvas.height);
      if (found?.data) return found.data;
      if (scale === 1 || picture instanceof HTMLVideoElement) break;
    }
    return undefined;
  };
}

function sizeOf(picture: HTMLVideoElement | ImageBitmap): [number, number] {
  return picture instanceof HTMLVideoElement ? [picture.videoWidth, picture.videoHeight] : [picture.width, picture.height];
}
