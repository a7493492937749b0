import "./Dialog.css";
import type { ComponentChildren, RefObject } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { useEscape } from "./useDismiss";

interface Props {
	title: ComponentChildren;
	/** Right of the title. */
	tools?: ComponentChildren;
	onClose: () => void;
	children: ComponentChildren;
	wide?: boolean;
}

/** Modal dialog. The browser traps and restores the focus; Escape and a press on the backdrop close it. */
export function Dialog({ title, tools, onClose, children, wide }: Props) {
	const dialog = useRef<HTMLDialogElement>(null);
	const heading = useId();
	// Before the next key is handled: it belongs to the dialog.
	useLayoutEffect(() => {
		const element = dialog.current;
		const before = document.activeElement;
		element?.showModal();
		element?.querySelector("h2")?.focus();
		return () => {
			element?.close();
			if (before instanceof HTMLElement) before.focus();
		};
	}, []);
	useEscape(dialog, onClose);
	useBeside(dialog, onClose);
	return (
		<dialog ref={dialog} class={wide ? "dialog dialog-wide" : "dialog"} aria-labelledby={heading}>
			<div class="dialog-frame">
				<header class="dialog-head">
					<h2 id={heading} tabIndex={-1}>
						{title}
					</h2>
					{tools}
				</header>
				<div class="dialog-body">{children}</div>
			</div>
		</dialog>
	);
}

/** Closes on a press on the backdrop and on a phone's back gesture. */
function useBeside(dialog: RefObject<HTMLDialogElement | null>, close: () => void): void {
	useLayoutEffect(() => {
		const element = dialog.current;
		if (!element) return;
		const press = (event: Event) => event.target === element && close();
		const cancel = (event: Event) => {
			event.preventDefault();
			close();
		};
		element.addEventListener("pointerdown", press);
		element.addEventListener("cancel", cancel);
		return () => {
			element.removeEventListener("pointerdown", press);
			element.removeEventListener("cancel", cancel);
		};
	}, [dialog, close]);
}
