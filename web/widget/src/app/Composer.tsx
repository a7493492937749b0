import { Icon } from "@palique/ui/Icon";
import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";
import type { ChatStore } from "./ChatStore";
import { readDraft, writeDraft } from "./draft";
import type { Say } from "./language";

/** From here on the writer is told how much is left (characters). */
const TELL_BELOW = 200;
/** The field grows up to this height (px), then scrolls. */
const TALLEST = 132;

interface Props {
	store: ChatStore;
	field: RefObject<HTMLTextAreaElement | null>;
	say: Say;
}

/** Where the visitor writes. Enter sends, Shift and Enter break the line; a draft survives a reload. */
export function Composer({ store, field, say }: Props) {
	const [text, setText] = useState(readDraft);
	const left = store.textLimit - text.length;

	useLayoutEffect(() => {
		const element = field.current;
		if (!element) return;
		element.style.height = "auto";
		element.style.height = `${Math.min(element.scrollHeight, TALLEST)}px`;
	}, [text]);

	function change(next: string): void {
		setText(next);
		writeDraft(next);
	}

	function send(): void {
		// Of the field: what was typed in this very moment is not drawn yet.
		const written = field.current?.value ?? text;
		if (!written.trim()) return;
		store.write(clean(written));
		change("");
		field.current?.focus();
	}

	function pressed(event: KeyboardEvent): void {
		// While an input method composes, Enter chooses a word.
		if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
		event.preventDefault();
		send();
	}

	function typed(next: string): void {
		change(next);
		if (next) store.typing();
	}

	return (
		<form
			class="composer"
			onSubmit={(event) => {
				event.preventDefault();
				send();
			}}
		>
			<textarea
				ref={field}
				rows={1}
				value={text}
				maxLength={store.textLimit}
				aria-label={say("write")}
				placeholder={say("write")}
				enterkeyhint="send"
				onInput={(event) => typed(event.currentTarget.value)}
				onKeyDown={pressed}
			/>
			<button type="submit" class="send" disabled={!text.trim()} title={say("send")}>
				<Icon name="send" label={say("send")} />
			</button>
			<p class="left" role="status">
				{left < TELL_BELOW ? say.count("characters_left", left) : ""}
			</p>
		</form>
	);
}

/** The server refuses what is no text: NULs, and halves of characters that a cut-and-paste left. */
function clean(text: string): string {
	const whole = (text as { toWellFormed?: () => string }).toWellFormed?.() ?? text;
	return whole.replaceAll("\0", "").trim();
}
