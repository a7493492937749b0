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

/** The message field and its button. The draft survives a reload. */
export function Composer({ store, field, t }: Props) {
	const [text, change] = useDraft(store.prefill);

	function send(): void {
		// Read from the field: the last key press may not be rendered yet.
		const written = field.current?.value ?? text;
		if (!canSend(written, store.textLimit)) return;
		store.write(cleanText(written));
		change("");
		field.current?.focus();
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
			<MessageField field={field} text={text} onType={typed} onSend={send} t={t} />
			<button type="submit" class="send" disabled={!canSend(text, store.textLimit)} title={t("send")}>
				<Icon name="send" label={t("send")} />
			</button>
			<LimitNotice text={text} limit={store.textLimit} t={t} />
		</form>
	);
}

/** The text of the message field, and the function that changes it. */
function useDraft(prefill: ChatStore["prefill"]): [string, (next: string) => void] {
	const [text, setText] = useState(readDraft);

	// The visitor's own words stay.
	useEffect(() => {
		if (prefill && !hasVisibleText(text)) change(prefill.text);
	}, [prefill]);

	function change(next: string): void {
		setText(next);
		writeDraft(next);
	}

	return [text, change];
}

interface MessageFieldProps {
	field: Props["field"];
	text: string;
	onType: (next: string) => void;
	onSend: () => void;
	t: T;
}

/** Text area: Enter sends, Shift+Enter adds a line. */
function MessageField({ field, text, onType, onSend, t }: MessageFieldProps) {
	function pressed(event: KeyboardEvent): void {
		// While an input method composes, Enter selects a suggestion.
		if (event.key !== "Enter" || event.shiftKey || isComposing(event)) return;
		event.preventDefault();
		onSend();
	}

	return (
		<GrowingField text={text || t("write")}>
			<textarea
				ref={field}
				rows={1}
				dir="auto"
				value={text}
				aria-label={t("write")}
				placeholder={t("write")}
				enterkeyhint="send"
				onInput={(event) => onType(event.currentTarget.value)}
				onKeyDown={pressed}
			/>
		</GrowingField>
	);
}

function canSend(text: string, limit: number): boolean {
	return hasVisibleText(text) && charactersLeft(text, limit) >= 0;
}
