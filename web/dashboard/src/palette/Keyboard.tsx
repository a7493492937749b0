import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { useStores } from "../StoresContext";
import { Palette } from "./Palette";
import { ShortcutList } from "./ShortcutList";
import { useCommands } from "./useCommands";
import { useCurrentChat } from "./useCurrentChat";
import { useShortcutKeys } from "./useShortcutKeys";

/** The shortcuts of every page, and the dialogs that they open. */
export function Keyboard() {
	const { keyboard, router } = useStores();
	const commands = useCommands();
	useShortcutKeys(commands);
	const dialog = keyboard.dialog.value;
	const pick = usePicked(dialog === null);
	const currentChat = useCurrentChat();
	// When the palette opens: the focus then moves into it.
	const current = useMemo(() => (dialog === "palette" ? currentChat() : undefined), [dialog]);
	return (
		<>
			{dialog === "palette" ? (
				<Palette
					commands={commands}
					current={current}
					picked={(act) => {
						pick(act);
						keyboard.close();
						if (router.route.peek().visitor) router.closeVisitor();
					}}
				/>
			) : null}
			{dialog === "shortcuts" ? <ShortcutList /> : null}
		</>
	);
}

/** Keeps the picked action until the palette is closed: it applies to the place that then has the focus again. */
function usePicked(closed: boolean): (act: () => void) => void {
	const picked = useRef<(() => void) | null>(null);
	useLayoutEffect(() => {
		const act = closed ? picked.current : null;
		picked.current = null;
		act?.();
	}, [closed]);
	return (act) => {
		picked.current = act;
	};
}
