import { Switch } from "../parts/Switch";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";

/** Switches shortcuts of a single character off and on: dictation and slips of the hand press them by accident (WCAG 2.1.4). */
export function SingleKeysSwitch() {
	const { keyboard } = useStores();
	const t = useText();
	return (
		<Switch
			label={t("single_keys")}
			hint={t("single_keys_hint")}
			on={keyboard.singleKeys.value}
			onChange={(on) => keyboard.chooseSingleKeys(on)}
		/>
	);
}
