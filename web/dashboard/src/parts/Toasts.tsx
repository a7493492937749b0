import "./Toasts.css";
import { Icon } from "@palique/ui/Icon";
import { type ReadonlySignal, signal } from "@preact/signals";
import { useStores, useText } from "../stores";
import { IconButton } from "./Button";

export interface Toast {
	text: string;
	danger?: boolean;
	action?: { text: string; act: () => void };
}

// Long enough to read two lines and reach the button.
const SHOWN_MS = 7_000;

/** Short word of what just happened, one at a time. */
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

export function Toasts() {
	const { toasts } = useStores();
	const t = useText();
	const toast = toasts.toast.value;
	return (
		<div class="toasts" role="status">
			{toast ? (
				<div class={toast.danger ? "toast toast-danger" : "toast"}>
					<Icon name={toast.danger ? "warning" : "check"} size={18} />
					<span class="toast-text">{toast.text}</span>
					{toast.action ? (
						<button
							type="button"
							class="toast-action"
							onClick={() => {
								toast.action?.act();
								toasts.hide();
							}}
						>
							{toast.action.text}
						</button>
					) : null}
					<IconButton icon="close" size={16} label={t("close")} onClick={() => toasts.hide()} />
				</div>
			) : null}
		</div>
	);
}
