NAME='cp1'
EMPTY=''
QUOTED='it'\''s $HOME, "so" `there` \'
LINES='first: 1
  second: |
    #!text
'
