import { IconButton } from "../../parts/Button";
import { SelectField } from "../../parts/TextField";
import { useText } from "../../texts/useText";
import { COLUMNS, type Sorting, sortedBy } from "./columns";

interface Props {
	sorting: Sorting;
	onSort: (sorting: Sorting) => void;
}

/** Select field for the sort order, for phones, where the list has no column headers. */
export function SortField({ sorting, onSort }: Props) {
	const t = useText();
	const { sort, descending } = sorting;
	const turn = () => onSort({ sort, descending: !descending });
	return (
		<div class="vsort-field">
			<SelectField
				label={t("sort_by")}
				value={sort}
				onValue={(value) => onSort(sortedBy(value))}
				options={COLUMNS.map(({ sort: value, text }) => ({ value, text: t(text) }))}
			/>
			<IconButton icon={descending ? "down" : "up"} label={t("sort_reverse")} onClick={turn} />
		</div>
	);
}
