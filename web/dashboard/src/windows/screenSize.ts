/**
 * Size of the browser window in pixels of a page whose text has 16 px. At text zoom 200 % it is half as large, as at page zoom
 * 200 %. Style sheets use rem for the same reason.
 */
export interface ScreenSize {
	readonly width: number;
	readonly height: number;
}

export interface MeasuredScreen extends ScreenSize {
	/** Pixels of the browser in one of this size. */
	readonly scale: number;
}

const TEXT = 16;

/** A length in the unit of `ScreenSize`, for a style. */
export function inRem(length: number): string {
	return `${length / TEXT}rem`;
}

export function measureScreen(view: Window): MeasuredScreen {
	const scale = Number.parseFloat(view.getComputedStyle(view.document.documentElement).fontSize) / TEXT;
	return { width: view.innerWidth / scale, height: view.innerHeight / scale, scale };
}

/** Calls `changed` when the window or its text changes in size. */
export function followScreen(view: Window, changed: () => void): void {
	view.addEventListener("resize", changed);
	const ruler = view.document.createElement("div");
	ruler.style.cssText = "position: absolute; width: 1rem; visibility: hidden";
	view.document.body.append(ruler);
	new ResizeObserver(changed).observe(ruler);
}
