import "./EmojiPicker.css";
import { isComposing } from "@palique/ui/composition";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { useEscape } from "../parts/useDismiss";
import { useText } from "../texts/useText";
import { EMOJI, emojiStep } from "./emoji";

interface Props {
	insert: (emoji: string) => void;
	close: () => void;
}

/** Grid of emoji: arrow keys move, Enter or a click picks, Escape closes. */
export function EmojiPicker({ insert, close }: Props) {
	const t = useText();
	const root = useRef<HTMLDivElement>(null);
	const [at, setAt] = useState(0);
	useEscape(root, close);
	useLayoutEffect(() => {
		root.current?.querySelectorAll("button")[at]?.focus();
	}, [at]);
	const onKeyDown = (event: KeyboardEvent) => {
		if (isComposing(event)) return;
		const next = emojiStep(event.key, at);
		if (next === null) return;
		event.preventDefault();
		setAt(next);
	};
	return (
		<div class="emoji" role="toolbar" aria-label={t("emoji")} ref={root} onKeyDown={onKeyDown}>
			{EMOJI.map((emoji, index) => (
				<button
					key={emoji}
					type="button"
					class="emoji-one"
					tabIndex={index === at ? 0 : -1}
					onClick={() => insert(emoji)}
				>
					{emoji}
				</button>
			))}
		</div>
	);
}
