import { Button } from "../parts/Button";
import { useText } from "../texts/useText";

interface Props {
	/** Text of the button; without it, "Save". */
	text?: string;
	busy: boolean;
	disabled: boolean;
}

/** Foot of a form of the settings: its button. */
export function SubmitFoot({ text, busy, disabled }: Props) {
	const t = useText();
	return (
		<div class="settings-foot">
			<Button type="submit" kind="primary" busy={busy} disabled={disabled}>
				{text ?? t("save")}
			</Button>
		</div>
	);
}
