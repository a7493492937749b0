import type { Me } from "../api/shapes";
import { SelectField } from "../parts/TextField";
import { useText } from "../texts/useText";

interface Props {
	label: string;
	hideLabel?: boolean;
	value: Me["role"];
	disabled?: boolean;
	onValue: (role: Me["role"]) => void;
}

/** Field for the role of an agent. */
export function RoleField(props: Props) {
	const t = useText();
	const options = [
		{ value: "agent", text: t("role_agent") },
		{ value: "administrator", text: t("role_administrator") },
	] as const;
	return <SelectField {...props} options={options} />;
}
