/**
 * The online visitors as the gateway streams them; the only source of their number (I-29, I-32).
 * A page sets the window that it shows; without a page the store watches the window of the pop-up list.
 */
import type { ClientFrame, ServerFrame, VisitorRow } from "@palique/client";
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import {
	answer,
	connected,
	type Step,
	type Watch,
	type WindowRequest,
	want,
	watching,
} from "./visitorSubscription";
import { changed, EMPTY, opened, rowsOf, type VisitorWindow } from "./visitorWindow";

/** Window of the pop-up list: waiting and chatting visitors first. */
export const POPUP_WINDOW: WindowRequest = {
	sort: "state",
	descending: false,
	filter: {},
	offset: 0,
	limit: 100,
};

declare module "../../StoresContext" {
	interface Stores {
		visitors: VisitorsStore;
	}
}

export class VisitorsStore {
	readonly #send: (frame: ClientFrame) => void;
	readonly #window = signal<VisitorWindow>(EMPTY);
	readonly #online = signal<number | null>(null);
	readonly #answered = signal<WindowRequest | null>(null);
	#watch: Watch = watching(POPUP_WINDOW);

	readonly rows: ReadonlySignal<VisitorRow[]> = computed(() => rowsOf(this.#window.value));

	constructor(send: (frame: ClientFrame) => void) {
		this.#send = send;
	}

	/** Visitors online now, whatever the filter; `null` before the first answer. */
	get online(): ReadonlySignal<number | null> {
		return this.#online;
	}

	get window(): ReadonlySignal<VisitorWindow> {
		return this.#window;
	}

	/** The request that the current window answers; `null` until the first answer on this connection. */
	get answered(): ReadonlySignal<WindowRequest | null> {
		return this.#answered;
	}

	show(request: WindowRequest | null): void {
		this.#take(want(this.#watch, request ?? POPUP_WINDOW));
	}

	connected(): void {
		this.#take(connected(this.#watch));
	}

	receive(frame: ServerFrame): void {
		if (frame.type === "visitors") {
			const offset = (this.#watch.asked ?? this.#watch.answered)?.offset ?? 0;
			this.#window.value = opened(offset, frame);
			this.#online.value = frame.online;
			this.#take(answer(this.#watch));
		}
		if (frame.type === "visitors_changed") {
			this.#window.value = changed(this.#window.peek(), frame);
			this.#online.value = frame.online;
		}
	}

	clear(): void {
		this.#watch = watching(this.#watch.wanted);
		this.#window.value = EMPTY;
		this.#online.value = null;
		this.#answered.value = null;
	}

	#take(step: Step): void {
		this.#watch = step.watch;
		this.#answered.value = step.watch.answered;
		if (step.ask) this.#send({ type: "watch_visitors", ...step.ask });
	}
}
