/** The current time for spans such as "4 min": the server's time, and one timer for the whole dashboard. */
import { ServerClock } from "@palique/client";
import { type ReadonlySignal, signal } from "@preact/signals";

// Spans are shown in minutes.
const INTERVAL_MS = 20_000;
// `Date` headers have whole seconds, and the answer took its time.
const HEADER_TOLERANCE_MS = 5_000;

declare module "./StoresContext" {
	interface Stores {
		clock: Clock;
	}
}

export class Clock {
	readonly #server = new ServerClock();
	readonly #now = signal(this.#server.now());

	constructor(view: Window) {
		view.setInterval(() => this.#show(), INTERVAL_MS);
	}

	/** Milliseconds of the epoch, not older than INTERVAL_MS. */
	get now(): ReadonlySignal<number> {
		return this.#now;
	}

	/** Milliseconds of the epoch at this moment. */
	exact(): number {
		return this.#server.now();
	}

	/** `serverTime` comes from a frame. */
	correct(serverTime: string | undefined): void {
		this.#server.correct(serverTime);
		this.#show();
	}

	/** `date` is the `Date` header of an answer. */
	correctByHeader(date: string | null): void {
		this.#server.correct(date, HEADER_TOLERANCE_MS);
		this.#show();
	}

	#show(): void {
		this.#now.value = this.#server.now();
	}
}
