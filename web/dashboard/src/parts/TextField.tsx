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
	const { value, error, limit } = props;
	const t = useText();
	const id = useId();
	const over = limit !== undefined && charactersLeft(value, limit) < 0;
	useFieldOver(id, over);
	const description = error ?? props.hint;
	return (
		<div class="field">
			<label for={id} class={props.hideLabel ? "visually-hidden" : "field-label"}>
				{props.label}
			</label>
			<Control {...props} id={id} over={over} />
			{limit === undefined ? null : <LimitNotice id={`${id}-limit`} text={value} limit={limit} t={t} />}
			{description ? (
				<p id={`${id}-said`} class={error ? "field-error" : "field-hint"}>
					{description}
				</p>
			) : null}
		</div>
	);
}

function Control({ id, over, error, hint, lines = 1, ...props }: Props & { id: string; over: boolean }) {
	const hintOf = useShortcutHint();
	const described = [...((error ?? hint) ? [`${id}-said`] : []), ...(over ? [`${id}-limit`] : [])];
	const shared = {
		id,
		class: "field-input",
		dir: "auto" as const,
		value: props.value,
		placeholder: props.placeholder,
		...(props.shortcut ? hintOf(props.shortcut, props.label) : {}),
		"aria-invalid": error || over ? true : undefined,
		"aria-describedby": described.join(" ") || undefined,
		onInput: (event: Event & { currentTarget: HTMLInputElement | HTMLTextAreaElement }) =>
			props.onValue(event.currentTarget.value),
	};
	return lines > 1 ? (
		<GrowingField class="field-area" text={props.value || props.placeholder || ""}>
			<textarea {...shared} ref={props.areaRef ?? null} rows={lines} />
		</GrowingField>
	) : (
		<input
			{...shared}
			ref={props.inputRef ?? null}
			{...kindOf(props.type ?? "text")}
			autocomplete={props.autocomplete ?? "off"}
		/>
	);
}

/** Browsers refuse an e-mail address with letters outside ASCII in a field of type email, and rewrite its domain. */
function kindOf(type: string) {
	const email = { type: "text", inputMode: "email", autocapitalize: "off", spellcheck: false };
	// The JSX types accept one literal type at a time.
	return (type === "email" ? email : { type }) as { type: "text" };
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
