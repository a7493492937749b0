import { useCallback, useRef, useState } from "preact/hooks";
import { useAway, useEscape } from "./useDismiss";

/** What a button opens and closes. A press outside `root` closes it; Escape also returns the focus to the button. */
export function usePopup() {
	const [open, setOpen] = useState(false);
	const root = useRef<HTMLDivElement>(null);
	const button = useRef<HTMLButtonElement>(null);
	const close = useCallback(() => setOpen(false), []);
	const leave = useCallback(() => {
		setOpen(false);
		button.current?.focus();
	}, []);
	useAway(root, open ? close : null);
	useEscape(root, open ? leave : null);
	return { open, toggle: () => setOpen(!open), close, leave, root, button };
}
