import { useId } from "preact/hooks";
import { useText } from "../texts/useText";
import { isColour } from "./colours";

interface Props {
	label: string;
	value: string;
	onValue: (value: string) => void;
}

/** Field for a colour, picked or typed. */
export function ColourField({ label, value, onValue }: Props) {
	const t = useText();
	const id = useId();
	const good = isColour(value);
	return (
		<div class="field">
			<label for={id} class="field-label">
				{label}
			</label>
			<div class="colour">
				<input
					type="color"
					class="colour-pick"
					aria-label={t("widget_pick", { name: label })}
					value={good ? value.toLowerCase() : "#000000"}
					onInput={(event) => onValue(event.currentTarget.value)}
				/>
				<input
					id={id}
					class="field-input"
					value={value}
					spellcheck={false}
					autocomplete="off"
					aria-invalid={good ? undefined : true}
					aria-describedby={good ? undefined : `${id}-said`}
					onInput={(event) => onValue(event.currentTarget.value.trim())}
				/>
			</div>
			{good ? null : (
				<p id={`${id}-said`} class="field-error">
					{t("widget_colour_bad")}
				</p>
			)}
		</div>
	);
}
