import { isComposing } from "@palique/ui/composition";
import { GrowingField } from "@palique/ui/GrowingField";
import { Icon } from "@palique/ui/Icon";
import { LimitNotice } from "@palique/ui/LimitNotice";
import { hasVisibleText } from "@palique/ui/visible";
import { charactersLeft, cleanText } from "@palique/ui/writtenText";
import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ChatStore } from "./ChatStore";
import { readDraft, writeDraft } from "./draft";
import type { T } from "./language";

interface Props {
	store: ChatStore;
	field: RefObject<HTMLTextAreaElement | null>;
	t: T;
}

/** Text area: Enter sends, Shift+Enter adds a line. The draft survives a reload. */
export function Composer({ store, field, t }: Props) {
	const [text, setText] = useState(readDraft);
	const { prefill } = store;

	// The visitor's own words stay.
	useEffect(() => {
		if (prefill && !hasVisibleText(text)) change(prefill.text);
	}, [prefill]);

	function change(next: string): void {
		setText(next);
		writeDraft(next);
	}

	function send(): void {
		// Read from the field: the last key press may not be rendered yet.
		const written = field.current?.value ?? text;
		if (!canSend(written, store.textLimit)) return;
		store.write(cleanText(written));
		change("");
		field.current?.focus();
	}

	function pressed(event: KeyboardEvent): void {
		// While an input method composes, Enter selects a suggestion.
		if (event.key !== "Enter" || event.shiftKey || isComposing(event)) return;
		event.preventDefault();
		send();
	}

	function typed(next: string): void {
		change(next);
		if (hasVisibleText(next)) store.typing();
	}

	return (
		<form
			class="composer"
			onSubmit={(event) => {
				event.preventDefault();
				send();
			}}
		>
			<GrowingField text={text || t("write")}>
				<textarea
					ref={field}
					rows={1}
					dir="auto"
					value={text}
					aria-label={t("write")}
					placeholder={t("write")}
					enterkeyhint="send"
					onInput={(event) => typed(event.currentTarget.value)}
					onKeyDown={pressed}
				/>
			</GrowingField>
			<button type="submit" class="send" disabled={!canSend(text, store.textLimit)} title={t("send")}>
				<Icon name="send" label={t("send")} />
			</button>
			<LimitNotice text={text} limit={store.textLimit} t={t} />
		</form>
	);
}

function canSend(text: string, limit: number): boolean {
	return hasVisibleText(text) && charactersLeft(text, limit) >= 0;
}
