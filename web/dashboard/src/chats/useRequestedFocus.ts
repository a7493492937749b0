/** Moves the focus into a chat that was opened (S-47): to its text area, or to the button in the place of it. */
import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";
import { useStores } from "../StoresContext";

/** Each request moves the focus once: what is rendered later does not take it away from another field. */
export function useRequestedFocus(conversation: string, place: RefObject<HTMLElement | null>): void {
	const { windows } = useStores();
	const requested = windows.focus.value === conversation;
	// Before the next key is handled: it belongs to the chat.
	useLayoutEffect(() => {
		const element = place.current;
		if (!requested || !element) return;
		const target = element.matches("textarea") ? element : element.querySelector("button");
		target?.focus();
		windows.focusMoved();
	}, [requested, place, windows]);
}
