# SPDX-License-Identifier: MIT
	local cur=${COMP_WORDS[COMP_CWORD]} kind='' words='' operand='' i=1 word before
	COMPREPLY=()
	while ((i < COMP_CWORD)); do
		word=${COMP_WORDS[i]} kind=''
		case $word in
		--) operand=$((i + 1)); break ;;
		--*) _NAME_takes "$word" ;;
		-?*) # the last letter of a group may take the next word
			word=${word#-}
			while [[ -n $word ]]; do
				_NAME_takes "-${word:0:1}"
				word=${word:1}
				[[ -z $kind || -z $word ]] || { kind='' word=''; }
			done ;;
		*) operand=$i; break ;;
		esac
		((i++))
		[[ -n $kind ]] || continue
		[[ ${COMP_WORDS[i]} != "=" ]] || ((i++)) # bash splits --option=argument
		((i < COMP_CWORD)) || break
		((i++))
		kind=''
	done
	[[ $cur != "=" || -z $kind ]] || cur=''
	if [[ -z $kind && -z $operand && $cur == -* ]]; then
		kind=words words=$options
	elif [[ -z $kind ]]; then
		kind=$operands
	fi
	case $kind in
	words) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur") ;;
	file)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
	directory)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
	pid) mapfile -t COMPREPLY < <(cd /proc && compgen -G "$cur*" | grep -x '[0-9]*') ;;
	name)
		while IFS= read -r word; do
			[[ $word != "$cur"* ]] || COMPREPLY+=("$(printf %q "$word")")
		done < <(cat /proc/[0-9]*/comm 2>/dev/null | sort -u) ;;
	baseline) mapfile -t COMPREPLY < <(compgen -W "$(membench --list 2>/dev/null | sed 1d | cut -f1)" -- "$cur") ;;
	columns)
		before=${cur%"${cur##*,}"}
		compopt -o nospace 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -P "$before" -W "COLUMNS" -- "${cur##*,}") ;;
	command)
		if declare -F _comp_command_offset >/dev/null; then
			_comp_command_offset "${operand:-$COMP_CWORD}"
		elif declare -F _command_offset >/dev/null; then
			_command_offset "${operand:-$COMP_CWORD}"
		elif ((COMP_CWORD == ${operand:-$COMP_CWORD})); then
			mapfile -t COMPREPLY < <(compgen -c -- "$cur")
		else
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		fi ;;
	*) ;;
	esac
}
