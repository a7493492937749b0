/**
 * Keeps visitors of one browser apart, as after a sign-out on a shared computer. The application runs for one visitor: with another
 * one it erases what this frame stored for the first, and starts again.
 */
import type { LoaderListener } from "./loaderBridge";

/** Passes on what belongs to the first visitor that the loader names. `restart` loads the application again. */
export function forOneVisitor(view: Window, listener: LoaderListener, restart: () => void): LoaderListener {
	let visitor: string | undefined;
	let over = false;
	return {
		onHostState(state) {
			if (visitor && state.visitor && state.visitor !== visitor) over = true;
			// Until then frames of the new visitor arrive, and must not meet messages of the old one.
			if (over) return restart();
			if (!visitor && state.visitor) eraseOthers(view, state.visitor);
			visitor ??= state.visitor;
			listener.onHostState(state);
		},
		onFrame(raw) {
			if (!over) listener.onFrame(raw);
		},
	};
}

function eraseOthers(view: Window, visitor: string): void {
	const query = new URLSearchParams(view.location.search);
	// As in outboxStorage.ts: sites and origins share the storage.
	eraseUnless(() => view.localStorage, `palique:${query.get("site")}:${query.get("origin")}:`, visitor);
	eraseUnless(() => view.sessionStorage, "palique:", visitor);
}

function eraseUnless(open: () => Storage, prefix: string, visitor: string): void {
	try {
		const storage = open();
		const owner = `${prefix}visitor`;
		const known = storage.getItem(owner);
		if (known !== null && known !== visitor)
			for (const key of Object.keys(storage)) if (key.startsWith(prefix)) storage.removeItem(key);
		if (known !== visitor) storage.setItem(owner, visitor);
	} catch {
		// Blocked or full: it keeps nothing.
	}
}
