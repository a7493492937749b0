/**
 * The online visitors as the gateway streams them; the only source of their number (I-29, I-32).
 * A page sets the window that it shows; without a page the store watches the window of the pop-up list.
 */
import type { ClientFrame, ServerFrame, VisitorRow } from "@palique/client";
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import {
	answer,
	connected,
	newSubscription,
	type Step,
	type Subscription,
	setWanted,
	type WindowRequest,
} from "./visitorSubscription";
import { changed, EMPTY, opened, rowsOf, type VisitorWindow } from "./visitorWindow";

/** Window of the pop-up list: waiting and chatting visitors first. */
const POPUP_WINDOW: WindowRequest = {
	sort: "state",
	descending: false,
	language: "",
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
	#subscription: Subscription = newSubscription(POPUP_WINDOW);

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
		this.#take(setWanted(this.#subscription, request ?? POPUP_WINDOW));
	}

	/** The request on a new connection, sent with its `hello`. */
	opening(): ClientFrame {
		this.#subscription = connected(this.#subscription);
		this.#answered.value = null;
		return { type: "watch_visitors", ...this.#subscription.wanted };
	}

	receive(frame: ServerFrame): void {
		if (frame.type === "visitors") {
			const offset = (this.#subscription.pending ?? this.#subscription.answered)?.offset ?? 0;
			this.#window.value = opened(offset, frame);
			this.#online.value = frame.online;
			this.#take(answer(this.#subscription));
		}
		if (frame.type === "visitors_changed") {
			this.#window.value = changed(this.#window.peek(), frame);
			this.#online.value = frame.online;
		}
	}

	clear(): void {
		this.#subscription = newSubscription(this.#subscription.wanted);
		this.#window.value = EMPTY;
		this.#online.value = null;
		this.#answered.value = null;
	}

	#take(step: Step): void {
		this.#subscription = step.subscription;
		this.#answered.value = step.subscription.answered;
		if (step.send) this.#send({ type: "watch_visitors", ...step.send });
	}
}
