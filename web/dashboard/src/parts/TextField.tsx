import "./TextField.css";
import { GrowingField } from "@palique/ui/GrowingField";
import { LimitNotice } from "@palique/ui/LimitNotice";
import { charactersLeft } from "@palique/ui/writtenText";
import type { Ref } from "preact";
import { useId } from "preact/hooks";
import { useShortcutHint } from "../keyboard/Kbd";
import type { ShortcutName } from "../keyboard/shortcuts";
import { useText } from "../texts/useText";
import { useFieldOver } from "./Form";

interface Props {
	label: string;
	value: string;
	onValue: (value: string) => void;
	type?: "text" | "email" | "password" | "tel" | "date" | "search";
	autocomplete?: AutoFill;
	placeholder?: string;
	/** Number of lines; more than one makes it a text area. */
	lines?: number;
	/** Characters at most. A longer text stays in the field and blocks its form. */
	limit?: number;
	/** Validation error; read by screen readers. */
	error?: string | null;
	hint?: string;
	hideLabel?: boolean;
	/** Moves the focus into the field. */
	shortcut?: ShortcutName;
	inputRef?: Ref<HTMLInputElement>;
	/** Ref of the text area. */
	areaRef?: Ref<HTMLTextAreaElement>;
}

export function TextField(props: Props) {
	const { label, value, onValue, type = "text", lines = 1, error, hint, hideLabel, inputRef, limit } = props;
	const t = useText();
	const hintOf = useShortcutHint();
	const id = useId();
	// Browsers refuse an e-mail address with letters outside ASCII in a field of type email, and rewrite its domain.
	const email = type === "email" ? { inputMode: "email", autocapitalize: "off", spellcheck: false } : {};
	const over = limit !== undefined && charactersLeft(value, limit) < 0;
	useFieldOver(id, over);
	// The JSX types accept one literal type at a time.
	const kind = { type: type === "email" ? "text" : type, ...email } as { type: "text" };
	const description = error ?? hint;
	const described = [...(description ? [`${id}-said`] : []), ...(over ? [`${id}-limit`] : [])];
	const shared = {
		id,
		class: "field-input",
		dir: "auto" as const,
		value,
		placeholder: props.placeholder,
		...(props.shortcut ? hintOf(props.shortcut, label) : {}),
		"aria-invalid": error || over ? true : undefined,
		"aria-describedby": described.join(" ") || undefined,
	};
	return (
		<div class="field">
			<label for={id} class={hideLabel ? "visually-hidden" : "field-label"}>
				{label}
			</label>
			{lines > 1 ? (
				<GrowingField class="field-area" text={value || props.placeholder || ""}>
					<textarea
						{...shared}
						ref={props.areaRef ?? null}
						rows={lines}
						onInput={(event) => onValue(event.currentTarget.value)}
					/>
				</GrowingField>
			) : (
				<input
					{...shared}
					ref={inputRef ?? null}
					{...kind}
					autocomplete={props.autocomplete ?? "off"}
					onInput={(event) => onValue(event.currentTarget.value)}
				/>
			)}
			{limit === undefined ? null : <LimitNotice id={`${id}-limit`} text={value} limit={limit} t={t} />}
			{description ? (
				<p id={`${id}-said`} class={error ? "field-error" : "field-hint"}>
					{description}
				</p>
			) : null}
		</div>
	);
}

interface SelectProps<Value extends string> {
	label: string;
	value: Value;
	options: readonly { value: Value; text: string }[];
	onValue: (value: Value) => void;
	hideLabel?: boolean;
	disabled?: boolean;
}

export function SelectField<Value extends string>(props: SelectProps<Value>) {
	const id = useId();
	const choose = (event: Event & { currentTarget: HTMLSelectElement }) => {
		const chosen = props.options[event.currentTarget.selectedIndex];
		if (chosen) props.onValue(chosen.value);
	};
	return (
		<div class="field">
			<label for={id} class={props.hideLabel ? "visually-hidden" : "field-label"}>
				{props.label}
			</label>
			<select id={id} class="field-input" value={props.value} disabled={props.disabled} onChange={choose}>
				{props.options.map((option) => (
					<option key={option.value} value={option.value} dir="auto">
						{option.text}
					</option>
				))}
			</select>
		</div>
	);
}
