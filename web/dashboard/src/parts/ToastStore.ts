import { type ReadonlySignal, signal } from "@preact/signals";

interface Toast {
	text: string;
	danger?: boolean;
	action?: { text: string; act: () => void };
}

// Long enough to read two lines and reach the button.
const SHOWN_MS = 7_000;

declare module "../StoresContext" {
	interface Stores {
		toasts: ToastStore;
	}
}

/** Short message about the last action, one at a time. */
export class ToastStore {
	readonly #toast = signal<Toast | null>(null);
	readonly #view: Window;
	#timer = 0;

	constructor(view: Window) {
		this.#view = view;
	}

	get toast(): ReadonlySignal<Toast | null> {
		return this.#toast;
	}

	show(toast: Toast): void {
		this.#view.clearTimeout(this.#timer);
		this.#toast.value = toast;
		this.#timer = this.#view.setTimeout(() => this.hide(), SHOWN_MS);
	}

	hide(): void {
		this.#view.clearTimeout(this.#timer);
		this.#toast.value = null;
	}
}
