import { MAX_PASSWORD, MIN_PASSWORD } from "../api/limits.gen";
import { useText } from "../texts/useText";
import { TextField } from "./TextField";

interface Props {
	value: string;
	onValue: (value: string) => void;
}

/** Field for a password to set. The hint counts up to the least number of characters. */
export function NewPasswordField({ value, onValue }: Props) {
	const t = useText();
	const n = String(MIN_PASSWORD);
	const short = value !== "" && characters(value) < MIN_PASSWORD;
	return (
		<TextField
			label={t("password_new")}
			type="password"
			autocomplete="new-password"
			hint={short ? t("password_count", { count: String(characters(value)), n }) : t("password_hint", { n })}
			limit={MAX_PASSWORD}
			value={value}
			onValue={onValue}
		/>
	);
}

/** True for a length that the gateway accepts. It also refuses passwords that are easy to guess. */
export function isPasswordLength(text: string): boolean {
	const length = characters(text);
	return length >= MIN_PASSWORD && length <= MAX_PASSWORD;
}

/** Code points, as the gateway counts. */
function characters(text: string): number {
	return [...text].length;
}
