import { LANGUAGE_NAMES, LANGUAGES, type Language } from "@palique/ui/vocabulary";
import { SelectField } from "../parts/TextField";

interface Props {
	label: string;
	value: Language;
	onValue: (language: Language) => void;
}

/** Field for a language, each by its own name. */
export function LanguageField({ label, value, onValue }: Props) {
	const options = LANGUAGES.map((language) => ({ value: language, text: LANGUAGE_NAMES[language] }));
	return <SelectField label={label} value={value} options={options} onValue={onValue} />;
}
