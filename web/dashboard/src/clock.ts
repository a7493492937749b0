/** The current time for spans such as "4 min": one timer for the whole dashboard. */
import { type ReadonlySignal, signal } from "@preact/signals";

// Spans are shown in minutes.
const INTERVAL_MS = 20_000;

declare module "./StoresContext" {
	interface Stores {
		clock: Clock;
	}
}

export class Clock {
	readonly #now = signal(Date.now());

	constructor(view: Window) {
		view.setInterval(() => {
			this.#now.value = Date.now();
		}, INTERVAL_MS);
	}

	/** Milliseconds of the epoch. */
	get now(): ReadonlySignal<number> {
		return this.#now;
	}
}
