// A monitor of drift (week 12): a stream of windows of requests, each a picture of Twitter's, and from
// a chosen window on with a share of Google's. The reader chooses the statistic, the size of a
// window, the share and the threshold; shown are the statistic window by window, its histogram over
// many windows without and with drift, and what the threshold costs: false alarms, missed windows,
// delay.
"use strict";

(() => {
  const { button, choice, element, randomNumbers, shape, slider } = globalThis.figureParts;

  // Numbers of the pictures that the week's network was not trained on, of each maker's in the same
  // order. Embeddings are signed bytes times a unit, 16 a picture, the rest thousandths; written by
  // dlcourse/data/datasets/derive_drift_pictures.py.
  const PICTURES = {
    unit: 0.3147,
    twitter: {"embedding":"DPQqGAD7Bf///gIEAP7+AhH4KRcD+wUBAAMCAgD//wMD+i8aAPr9AP//BQD+AQD+APcsFgP8AAIC/QAEAgAB/wD6LhgA/AEBAf8BAgABAP4D+TMa/vv9AAAAAwMAAAD/APImEvz8+AUB/wUA/wIAAPv2JAsD//3/Av4DAwAAAv8B8CETAPr9Af/7Av7/AP/9BuwUA/79B/v7Af8ABAICAgz4OiAB+gL//P4D/gAD/v4J+CoY//gF/QIBBP8A////Bfk1HP/3/gMAAAT//gL//ADvAAf8BPYBBwT7APn9AP/38vMBAP3++gv/APv9/wH9C/k3IP77AgH9AAP+AAP+/vv5HA32AQAAAAQEBv7+AwAJ+DEZ+vr+/wACBAH+AgL/CvgxFvz9/gD9BAP+/QMD/w37OyT/+wb/AP4D/v4E/v4F8yAT+/n/B/8CBP/+Af7+//ksEf0BAf4BAgACAQAB/gXsFgr6+QL9BQD9AgD8/P8G9zId//wCAAH8AgQC/f///vUSBAADBvgHAf0CAfz7///uEQIA+Aj0AgABAAEB/v8G8gEE/PUT/v4CA/sBBQAB9fX7+Pn8AgEEAwEAAP8A/Q0ELxkD+wID/gMA//sCAQAE7Q8E9Pn7/QsEAP0DAP0EA+wFAPb//gMDBPr/A/79AgPuA/71AP4EAQT7/wP+/QL8AOQWDAL+A/YKAQED//oG/OX4CfoH9ggA/Pz9A//9BfnlBgb5Avn9A/r8/wUA/gD88QP89gMGBQQF/f8C//7/+/XyBAP3AQIB+QL5AQABAADx+ff5+wcB/QUB/v8AAwL+5vsD/PMC/QH5+/wAAQH/8Q7+APT7AP/++vsB//4CAugPAf32AfwDAf37Av4AAwDmFAD99v/9Av/9+gP9AAQA5RT+/PcA/AIA/PkB/wEA/u8R/wb0/f8DAvn+AP/7AP/2Bvn88fsD/P37/f7+/gD/8gr+AvD+AQAA+fsA//oC//X6/fzz+/////z8AP/+AADx9wD3Dfr8Avn7AwIAAAH+7w/4+fz2AAH4/AL////+/eEcAvkBB/wC//79/wMB/f788gEC9PwJAQT+/v8EA/8B6hcF/fP+//v9/vf+//8AAuoXCwT4+voCAQD+Av0A/v7mIwcB9Pz9/P/99wD8/v4A6x4IAfn4//v+//oB/f8CBO4iCAP49//8//z9//3+/P/mJAQA9P3/+//9+P/9/v4B9CELAvv2Avr9//3+//8DB+8cBv/4+AD5/QD7//4AAgXxHAsB+Pf++P0A+v78/wIE3joA/Pz8/QH+//sCAAL/AeQqBv38+vgB/wH8Af4D/wDnIwb+//39//wAAf//Avz+4SUA+/4C+QME//4CAQL/AOcYBvz//vMEAwAAAPwEAAPlIgX9//v5A/4BAQH+Avz93zAD/PwC+wIDAfsDAQIAAOExAvz8AvwDAwL9AwEBAADkKgn//f75AQQB+wUBAAED4S0E//4A+wIFA/8D/wH+AeYmAfoEAQMB//4B/wT+/ALnIwj5BvsB+/8C/QAFAgEC8w8N/QX3/QEAAf8BBv8DAuIy/wAK9gcBBf7+/wIA/P7qIgUCDvkGBA39/AIC/wAA4C4D+wIA/v8A/vwAAgD9AOQd/foD+gACAP3+AAIC/vziMAP7Cfr+Af3/Av8DAfr+6SoG/gr3/gT+AAMAAv37AOMoBfn7APv//QL6AAEDAP/lIQz6AAD5//4E+wEBAwEA5ScE/wL9AgIBAf79BAL9APMZEAYG+QIFAgH/+wX//gHpIg4C/Pj9+f7/+QD8/wEB7CUG//r2/vv8/v/+/P78AN00Afr9AfwAAgH6AgEE/gDfMgD6/gH9AQMC/AEBBP4A4isI/AD/+f8FAfoEAgL/A+kL+/3+/fYJBf0EAAAE/QHuBgL7+Av9AwMEAvsCAf4A6wD6//oC9wwG+wMAAQMAAucb//z6/fsEAgP/AQAC/v7uHg7+BPcC+wAB+v0AAAIB8BwL+wX29gP/CP7//QH8Au4jCwAI+v8E/wIAAP3//v7zF//7/AMGAAADAf//AAME/hcF/f0EAwMEBgL8A/0JA+goCf0BAv8CBAT+AwEDAQPqIgf8/gQAAQIIAf4AA/4C6gYA9goFAAEGAAf/AgX8AOkGBPgFCQP9BgEEBAMD/gLxFQH//vwBBv8HBwL8/wQB7yD+/Pr/AwIAAwQD/QEHAfUOCgIA/v0F/wMGAf0ACQLrDfv+//oECAP+AAQDAgH/6xD7/P74AAgEAQAFAwIA/ukV/v36/gEFAwH+BAICAADpIvj9/PgGA/3/AwEABP7/8hj2//f3BQMB/gQAAAH+AOsT9/z2+wME//7+AQED/wDvG/n/+PgGBQD/AgACAf8E5iP5+/n7BAL9//8BAAX+//AK+AD6Ag8FAwMDA/4DAwLqEAAA8gMABgAB/QAABAD97hQB9ggVE/z/BP78AgT+AOsaAfcNDBD/AgL//QMC//zvFgD3BRQT/AIE/foBBP0A9RYQAQcEBv0AA/3+/P7/AO0K+v/9Av0HAP4DBAAA/wHnIPb7+PwFA/3/AAAABP8A9RP3/vT5BgX+/wL+AgEABf4YAQHuAAX4//v/+wD5AAPwIgIC9/8H+/79Af3//P8C+CH+/vL/B/j9+//7//sAA+8bBQf6/QgA/f8E/v39AALwHwAAAAAGB/oCA////wEA7ib8BP4CDAX7/wMA/v8BA/IYBQACAAMI+gMD//7+AgH07/n7+gH9AQj+Av39AAIA9PP6+QED/QAI/gT6AQAAAezzAvgEDPf+CvsEAAAB/wLw8Qn1+gz++vv/AQgFAAH98AYYA/4G+/kAAQMF//z//f7vBv/8BwkG/AD9AwP/AgT89xcFC/oJ9gD/BP8CBAAA/e4cBvz7/vgBAP0EBAH///3wDvr9/gPx/gUCAQIBAAHy7Aj49gn+/P79/QYE/gH+8u0K9QAK/vz//QEHBv3+APL7CPEOAP71+wAHBQX9AAPz9QXwBgD/9vj9AgYH/QEA+PQQ9gn+A+//BAECBgIBAfXs/PX8+QD8+v0ABAEAAf3+7g31Afz/8f8HAQAD/gIC9foF+AQDB/35AQIHBP8EAvfs/fn7AAQA+/79/wAAA/zy9xMC9wv+AAD9+wEBAQP9+e0I9gMECPj9Af0CBf8B/fnr+Pf69v4E/P3+AQAAAf728Pr58gQCAgMDBAD7AgMB8vH8+PgAAQL8/fwDAQED/AfzDPr0CfcE/gT8+QEBA/z96gT6+ggHA/oA/gID/gMB+vIF/vMOAwMCBv/7+/4B/fr1+/r5/wIBAP4CAAH+BgD4+vr3/wED/wL7AP4C/gL7+er5BvcBBQoD9vz/BAEAAfn1+QL9/QgCCfv++gP9Avr36wD9AgH2Bvv7/gACAAMD9fP09/f2/wb/AQP//wIA/vf0+/X1BQMB+wcC//wEAv308wD+/QcJAfr8BwcD/wAB7AYF9/4RCv/8A/wCAwYC/e78Bfr+EAQBCAECAQMDAwD19xL69BT7AAIK+/z/AgT7CPIb/v4SBP/3B/z9/gT/APLzAPn3/fv/BP/9AgABAP336Qj/+xD3BgT8/f7+/gIB+/YF+vQRAgH/Avr8//z//P74BvX3A/cD/QX++wMCCAEO8wX5/P8BAgIJ+/wEAQEF8vP8+P/6/AL7+wADAQEA//8D+gn5/gMKBAMAA/79/f34+gP59QH5/QUE//v9/f/+Au4G//n98wYEBAD+//0CA/zqDfzyCQL9/AX9AgEBAf737g/4/xID+/8AAQADAP7//PoQ+/wI+gH8B/8A/v4EAfzwCPP/DfUF/Qb+/vz8AAHz7AX+Bwr4Av73AQIC/P4C8/cf+w3+8/z7AQcI/wMFAgTm9wT3AAQFAQD8AQD8/gT26AcA+wD5/gP7/gICAP//Df7+9/z4Av/+A/77AQL/BQkBHv4O+vX//Qj8/f7+AQP+5wv7/QT2BAAEAAEB/f8D7/cC+v0E/wMH//8EAgEA//nqD/8BBfz+BPv8AwH9AwH+6wn3/AIB+gIG//8AAP3/9/X78Pn7/fz4AwD/AAAB/fACCPcUBQEFAAMCAwAAAgH66gL/+/z9/wT9+/3/AQMA9vER9gMH+wL/BAAFBAAGBPvuBPQG+/76/QIEAgT9AgLz+gj7BQ74AgMD//v8+wAA+Pn//vUMDwD5AwL/AQQAAADz+/b/9QEBBAUC+f8EAQf27Pj7+Pr+BP/9Af/+AgH9+O/99Pz+BP76A/4AAAIA/ffw+vv2AQYC/f8CAv8CAAD38Pj29vsCAfgBAf8AAv/87fwQ+QAM/PoGBAEF/wcDAhjx+PUC/P74AgL//f4CBAHw9/r3Awz9AwL7BP/+AvkD9PgCAAUQBwn//P4CAAAAAQD2+/4ZDPz1Bf35/vj9+wPuCRL1IQIEBfkBAAQCAwL+8/sH+hYAAf8B/v8B//4C/voFDvUbA/cD/wL9BPz7+wcIHAcCHv0OCQAAAAD++QT56gMK9RMA/fwCAAYCAgT9/wP2/AMV/gj+Cf77+v0C/AT59foE8wgNCAL9+wMCAf4CDf78+hL5CwkBAQH8Af7//P/+Af8P/QMQAAIBBP/9AQL/8gb0EAkBAPwE/wX/9voA8AYH8w0EAvkICQT9AgEA//8FDvsaBgUECgH99wP4AwT+AhIAGf4IBvz+/AMA+QQC/gUO8xYSB/35//j/AvMB/wP/AfYI/P8J/wUCAAX7/gDo/f74AgzzAg38Bfv+Bv8E8vYI9QcI/fsIAwICAfz9AesI/vsAA/wDDgQFAP4FAwQF9AsA+vz/BPoHBvr9AAD8+QcF9Qn5/gH9Bf8EAgIEA/f5BfIGBAD7/f7/AwICBAD3/AH2C//+A/oA/gUB/wAC+v4E/CH8CgT9AAH7/QD+//r+9gMaAv7//v7+/PgC+v4GBAH2DfkCBwsKAv4F/QL88+v3/v8C9wj8+AL//wP+Ae32AfMDB/X+BQAF/f0EAAHnAv8CEQv3DgP0Av/+CAMC/PT/ABr8BP//+vz++wAD/vvz+gMX+wD9APn8//sAAv779PsAFvwC/AH6/v/7/wL+/PP//Rn6BfwA+//++v8C//zz//0Y+QP7Afv9/PsAAv/79v4AG/0E/v/5/P77AQL/8u7//QoE+f4D+AH+/wACAPLwAAAFA/r7CfoA/v7/AwDy6v4B9wwABv/1/gEBAgAAA/8yGwr0Bf4B/gMDAwICAPbn+vv///4EAPj///8AAv8C7vsCBvgHBQH99v8AAAQD/O/6/wH2AwP++vr8AQECAPTw+Pb2+QAB/gAAAP8C/vv39vX+Bv8KBf//AP0DAPwA8u35/vkE/gj9+QABAAMDAQH3+gX/+g4JBf7/AAEB/f/3AOwD/voB/QUBBP39BAAB+DDzBQkFAQQDBAQE+vcA+fb4CPj9BvoEAQQB/f4CAv7/CfcF/AELAAUAAgL8/Pz6/u0D/fYCAPsHBP39A/75//fvAPIG9/r6/P8CAAD9Av/09/sB+AgP///6AwEBAf//+fAD9hP4/vz//v/+/gADAPXsA/v0B/0ABAACBf/7/f7/8QT+EvgCB//8AfwC/gcB+vb8+gQPCQL7/wP9Af7+AvvuB/kBBwT6Afz+AAIA/wEL8QL38wH8AvwG//n9/gL89OwBAwAC+f4I+//7AgL8//nrDP72AwD/CgL6AQQA+/32+QX0Bvf+AQMGAQACAwP/BPYE8wn8A/YBBAL9Av7/Afbx+/gB/gMH+/4CAQECAv8B7vz1APYE+Pn+//4AAAMC8PL2/f7/+gAH+wL7/wL+//Xz9fj+9f0EAf4E/P8B///z7/34+f39/gH8/wEA///87/v++gsJ+gf6+wUB/v/8//Xy+/AB/AD+/QMD/wABAv716v70+vr9/PsAAAT/AAL8/O3/9wX5Av/5AP0AAf8EAfz9+v4EAQ/7/wQEAfz/AP7/9//3Gf4GBfwAAfz+/AH/6wL4AwkM/vcE/gUDAf/9/gb2CgEK+v0J+gP6BvwAAAMX8PMF9vf9/gED/gMC//wB6wcJ8xoE+fn+/gUA/wD3//HxCf77C/AACQD/+PsFAAD17wn6BQT7+gwA/QAA/wIDCgD9BBH7EQQHBgH4AQAAA/PwB/j2Dv79BgMCAQP++/8W9/L1AP/++QMEAAT5AP4ADPH9+gj5APj7/vsD/f0CAfjr9QYOEO7//AIC+vr/+wP06fQICQvsB/b9BP0B/vwD6v4F9g4P+fcF/wYCAwD6A/Tv+fgC+Pz8Af0B+/wDAP3y9gf7Ev/1BgD8Bv7/BQEE8vD/9gb6+fkD/gL9/QL//vr0AvQL+/8C/AEE/wP9AgHz8/31Bfr6+gH/A/7+Af7+BPH5+gH8A/wGBQT5/f/6A/by+/4P/PQE9v4F/f7+/QH/AgL7Dv79//oDA/75+/0B+Pr0Bgf5+f/6AwD/BPz+/w/rBQUA9/78/v3///oBAgH3AwcC+gD6CAMEBf0B/QAC/fD+8fwAAPgEBgX6/QH+APjx9fX2/gAF+wMG/fwEAgD39/X69P8EAfwCCQEA/AIB+vv3+v/8AQj+AAj/A/r+/gPu8QD5/P72BQIE+/4DAQH57gL8BgIE+gH+/gEB/f7/BPDy/AL5/AEAAwD//f/+AgTvAv0K9f8ABgP8///8AAPy+P37DAECAgD9A///AAL7+ur7+vb/BgP8/wH/AgIA//Ps/f4EAvMH/fcD//4DAQPz8f/xBAH//fgAAgQD/wD8+ez6+PkE/QMAAAYD/f4ABPju+fP7/AIA+gICAQABAf/28vvxAPgA/fgDAwECAwD9/Pj+BgT/BQoEAP8B/wIBAvTw9/n3/AAE+PsDAgAC/wDw9Pb7+/v+CP/8AgP/AwIABPX5/Qb4Ag0ABAIAAf8ABfX5CPsFBAn9/wICBQMA//8KFwD09AT7//kEA/YD+wb///EJ9P75+vgCBv4BAwACAu73APYG/voB/v0EAwECAv/v9QbuAgf6+f4DAQUFAAAAABLvAvL7AQAF/gQB/vkB/vYL5RsFCgQBBgcBBv3+Bvv0/vkGGAD99gH+Avz9AAAA/AH8+Qv7BAb6/vwF///9/e34B/QDDPz8Av8DBQYA/P/xEPf4/fwMAPv/APsBA/77APgD+fEOAAb7CQH8/QEC//foDvv1A/r7/AABCAL+Af3v/wH0BQ4K+f4AAgUF/gH/8OwN9/0I8v8E/gIE/wMAAvrv/PgB9gQAAQD//v8CBAD5AegUBQECAAIBAQL+AQH/8RDjGgcIAAADCAMFAv8D+PkCDgn7/AQFAAMH//8D//8CDhUS6xMP/gAEBvr6Avz+C/L4C/MACQAGAf8F9vv8BP0C9gz1AA78BwAGBfn7AP0E8PsI9AUHBAYBAAT7+f0D//j2CvUEEgED/gQD+/z9BPUK3CEEBf78+gUCAgABAwH1/eQbAwT6+gMB/QH+AQIC8wDgHAYE+vgAAQAA/wMDAPT/8gn7DBEBAPwFBP/9AgTx/+0O+gwJ/QH+BQMB/wIE7gDwDfUJDAAC+wgCAAADBPb+9QP6BxMCA/sEBP//AAb88+cc//34APwE+/4KAAD//fjnFf8A/QX9BfwACQAB//3x5RkA+vT9/AP8/gcA/gH79OUbA/z2AP0E+/4IAP8A+fTmGAH78wH7Av79CP4A//zz5hoA+/b/+wT8/gn9/wDyBOMeCQL9+AT/AAD/BQT+8QniHgcD//oDAAAAAAMF/fUJ3iYKBwH9/QIAAQECBQHuF98WBv7+/PoDBQP/Av797xHeHwYC/vv6BQQEAAMB/vAU5BcM/v//+v8EAP4A/v7zCt8cCQD8+fwDBAL+AAL+8gbjHwYLAPsFAfwD/gAF/f315hsC/PUA/gP9/gkA///89fsH8wAQAQL8AAL///8CDO37A/L6CPv8/v//+gH8Bf/0+Qf0BhIDAf/+/wD6/gP27PX7+PP+A//7/wD+AgL+APP6/voAEwP5AQP9AAX+BPM2+/fxB/79/f3/+gH7B//7+OwIAgECBfoFAP8D/P0D/vXwDfsF+gD7Bf///P37APT4/AH2Cw8D/vwDAwEE/wLwAfkA+QwUAgD+AwQABAAC+/H3/PX9Df37AAMA/gEAAvzo+wD4+gECA/79/QT///zyAOIYCAP39gABAf/9AgH/8wreHwj/+/r7AwIBAAQD/vIC4CEDCf33BAH9AQABBv73COoPC/wDAgABBP0B/gL8A/XwHwMBAgX+Bfv/BwD7AfIH3yIDC/v5BQL/AAEACP348egWBQf9Avr9Af0FAf8G9gDhHAEI/PkDA/8B/gEFAfwJ8gb4Dv8C/QcAA/j7/vkH8vMaAv/3Av8G/f4E//cCBOsAEPQCBAYCAvz9CPr8/wDp/A70AwIFAAL8/wf7+//56vAJAgj4AgP9/wD9/f8E/ujzAvny/AAB+vwA/QEB//ru7xQNAfAE+PwB+Qb//QL57/T49PsBAQMBBf77AQMC9egAAvoO+woC9f7+Af8AAvfy9Pr59QME/v4D//8BAP71++8HEwn1/Pj8BP/5/vwBAOr1/Pr0AP/+/P3+/f8C/0gE/wQC/wgCAPr/AgIAAgMxNwb77v3w9v36BPoE+/wCNgL0A/wAAgMFBAAG/PkDCCb58vv5+/4CAQX/Bvz++wF/KQoEFBEABQD7+wEEBAMBLhn9+PH57vgB/gUBAAH//TQJ+vb4/PQAAQQDBAEA/gAbGP377v/4+gH6Af4A+/78JvMD/fv6+wQCBv4A/wIA/VQqBAb4Af/6+fcH/AUB/gpfJAH6Agn6/wT6Av8HAf/9FO8BBAP9B/IC/fj+/gUBBEMEAAIAAgoA/f0D9wAAAP0k9Pj5+/wDAwIFAP0CAQEBJ/z08gf3+gj8BvsF/v8BADEIBf0IEQv++P729/4B+/ku/+7//f0B/f0D/QUAA/kDGfXx9wH7BvsABgP8+wH/Ay787vgD//7/BgIACPwCAP4w///4BP4E/gYDA/oHBAT+Jwn/9hX2CgIDB//7BwQGBB/yBQP7AgoFBAH9+wQC/fsh+/n4CvQCCAAF+gL9AP8BQBz6+P/7+f0D/gUDAvz/Axv28/4K+QkACQD8AQH+Avst//TyBQD+AgQD/wT/AQH7EADw8vz1Avf5AwT/AAP9AU0TAPwCBv79/Pv/AQAG+/4nFfH2+/z8/gr+CQAH//z8IvDy//b4AvwC//4CAgP/ASr29QXx9vv9AQIABgIB+wIt/v/8Aw0L/vYA+//9B/gAJwDw9/r+BP39/gMA/PwA/mEgEALwEu4A+f4F/f0CAftAC/b8/v4E/QT8BQIEAP4BDPH8/v33DgIBAwH7AgEBAif2Bfn9+/UE/QT+A/r9Af8//vsC+gYF+//8/QX7Bv0BI/D3APf4/P4BAfwFAAH+AS377vwA/AEABgIABv7/AQBE/fsE/gEEAwD//wX8AQECaBoMBwgOBvv99fsBAAf/ATAcCAQEAgz6Afr/+vz2BQE4Afz8BP4DAQX+/wADAgD8Cyb///ABAf77+AX4AfwE+y/+7/UE/v8ABAIAA/8CAfxLBwP7DAwBAvsE9gP7BgEBMQ73AwH2AAUHAAYBAPsD/zYA9v0AAQP8/gL8B/sF/wZQJP31CAP6/wj7AgAH+ggCORH19AD5+gAE/wUCBAAA/DgB/PwE/gMBBf7/AAMCAPw2CPr/EPQCCwIA/Qb+Af39PP4IBgD++wIAAPgD/gMCAnopFwX3FesG9/4C/AACBAEvGuv6/PkA9//+BgUBAv4BLvj6+/T8/vwD+wAHAAMDADX8/PsE/gEDBAP+BP8CAgA5Dff2Af38AAcAAwEE///+SyD3/QH7+wMF/wgCAvz8ASz3/gL0+v0AAf8A//z+//8xBff2+Ar7AfsB/QH9AAD7EfbnBPz0/ff/AgAAAgEBACUB8vgI+QYABAD/BQAC//x1JPv/EhAFB/7/AvwEAwH/CjIE/+cH+vr9+wX4AvkJBTkFAPwG+vkFAQL/Bf79A/8K9wX/+PcHAfwEAvoDBAQDMfry+gP6/gYHAf0EAQIA/jD58AD9/wX9+wL8A/0D/Qg3/Aj89wz1CPkK/P/4AAEA","confidence":[1000,1000,1000,1000,1000,1000,997,978,998,825,1000,1000,1000,365,418,1000,927,1000,1000,1000,999,992,985,1000,629,882,722,297,1000,974,426,356,999,630,636,413,389,541,750,996,996,999,999,994,956,979,717,438,991,999,461,999,999,1000,1000,1000,1000,1000,1000,1000,1000,1000,1000,1000,998,1000,1000,1000,1000,1000,1000,1000,961,1000,998,1000,1000,1000,1000,1000,1000,1000,983,1000,1000,1000,1000,1000,962,548,510,999,1000,997,1000,981,630,1000,999,387,700,984,999,883,989,996,999,1000,998,999,999,1000,880,991,534,918,778,958,948,1000,991,985,1000,999,998,997,1000,974,423,623,535,973,617,592,949,948,776,951,883,734,529,618,408,592,617,472,912,864,378,392,509,691,850,664,276,316,580,429,651,480,446,596,764,624,938,861,294,489,785,639,262,550,417,359,823,963,954,470,758,429,651,652,347,656,652,747,220,529,607,653,780,377,548,556,478,871,583,352,435,311,499,715,955,589,868,994,980,953,926,913,474,964,560,704,719,667,520,946,977,934,526,567,497,808,398,445,374,509,976,934,766,473,759,851,996,989,983,989,987,996,733,679,308,1000,440,774,528,375,475,226,492,643,982,362,420,374,610,381,798,720,777,497,544,315,371,529,288,762,522,579,667,636,251,716,669,375,388,340,878,830,440,991,500,435,586,556,859,957,473,831,463,888,689,574,795,680,817,749,899,807,513,537,298,839,732,621,725,657,626,425,351,521,375,454,627,524,624,804,457,498,374,355,447,423,261,586,614,669,1000,700,804,514,982,551,890,793,647,402,997,1000,617,515,755,876,603,920,1000,1000,1000,951,996,987,578,1000,1000,1000,1000,1000,1000,1000,1000,1000,996,1000,995,1000,1000,1000,625,597,765,285,204,999,967,978,451,312,339,355,999,1000,1000,961,999,1000,999,1000,913,992,641,806,863,565,957,407,408,496,845,276,1000,1000,1000,1000,1000,1000,1000,974,993,1000,1000,576,1000,997,998,999,1000,976,1000,999,992,870,987,1000,971,1000,969,1000,999,1000,1000,1000,1000,1000,1000,622,986,1000,1000,1000,1000,1000,999,1000,912,1000,1000,1000,1000,1000,1000,1000,1000,1000,1000,1000,1000,1000,1000,1000,1000,1000,951,999,1000,978,1000,460,1000,1000,998],"ink":[824,841,836,836,836,836,786,715,836,828,836,822,836,836,856,836,742,842,832,836,802,877,836,836,842,750,673,525,910,683,628,528,996,705,703,494,639,361,615,573,522,474,434,789,515,676,478,558,458,489,465,535,707,672,618,809,660,765,640,646,569,673,761,582,672,686,592,549,582,631,598,688,762,646,709,850,707,617,685,596,646,638,696,637,796,579,537,577,439,413,414,522,730,622,746,534,564,579,587,503,550,677,666,825,317,338,326,314,323,310,315,312,352,412,527,528,535,870,656,335,324,754,837,760,887,863,834,893,627,671,752,545,837,448,900,862,535,555,615,765,492,754,399,586,399,572,586,501,545,534,336,756,396,638,528,567,460,625,620,406,528,507,489,636,689,584,667,658,528,615,466,496,552,688,770,503,694,710,662,797,777,555,710,515,879,701,660,770,733,390,750,708,564,574,841,440,386,548,396,243,354,554,754,639,621,992,632,795,777,897,719,996,480,694,589,779,700,738,658,662,460,631,836,551,615,596,688,512,649,885,589,568,516,508,836,836,836,836,836,836,836,836,473,836,709,662,590,404,553,344,629,644,996,677,815,739,587,766,823,781,750,506,617,526,737,585,799,781,341,475,744,358,602,605,431,381,566,649,521,1000,912,725,879,670,721,836,699,652,709,967,969,967,849,803,822,509,860,927,844,844,844,740,624,621,417,417,321,753,990,803,942,567,394,621,581,609,323,386,548,116,292,487,465,525,579,523,599,737,826,1000,373,614,513,389,600,502,561,447,911,837,588,645,781,747,762,771,860,895,922,576,670,653,467,883,868,859,881,892,902,859,858,807,848,852,680,842,870,893,281,387,495,279,145,572,527,891,483,532,378,609,938,896,942,650,868,906,799,946,923,941,751,748,836,820,996,391,565,215,992,593,746,746,723,734,740,746,746,645,733,746,746,746,744,702,716,742,733,682,746,746,693,703,713,746,743,745,725,746,725,713,733,715,727,746,731,672,746,746,746,737,746,746,746,744,745,745,723,742,746,746,745,744,711,746,746,746,742,733,745,746,740,746,739,736,746,521,746,680,744,715,746]},
    google: {"embedding":"ExEiIOv4//4B/wn7/AD+AxwUIyHu+f4CAwAL+v4BAAISGB0Z6/j7//3/Cvr8AP4CDBsWFev5/PwA/AX7/v7/ARAeGhnr+P38//wH+f4A/wISCScb8vr+AAIDB/j+Av8ADxgSD+j++AH//wj5/vwB/hcNGxrs+fsBAv0G/v8A/gEIFg4P6fn6/v/7BPz+/v7+EQwJBO/7A/v8/wj2AgEAAh0PHhftAf0BAAAG+f8AAQMIDhAS7vr+AgD9BPz9/v3+GQwjG/D5+QP+Agj6+wH+ABIZFxDt/vf/AQEF/P7+AgArDgYG/gYIAwn8AfwH+wX7IRAdGOsB+QP9AQf4/QAA/wEcGQ/x+/76/wAE/vsAAgMk/RkT+fsFAwMABPz9AQD9Hf8hE+4D/QD9BQf4+wEB/iAPHRrv/QL9Af0E/Pv+/QMOGSIe6v4A///8B/r8/wEBFSAhGOz//f78/wj2AP8BAAbrEgb4AwUCAgD8AwH7/f8VGQ4T7Pz//gH8Bf3++wADBvITBP8EB/0GA/wG//v+Av/rBf3++Q33+wAB/wICAgAD8gkCAvgNAv8F/f8ABgID9e7/+vX+AgEA/v0DAwEA/iD+IBTyCAYB/gL+/f4BAQD66gr/8AUC/wEA+wAFAfz7+esC//P//wIB/vwDA/7//vroBP/yAAD/Af/9AgQA/P/+9ugPAvf7//sG/gAE//0B/eb8A/cH+wkB/P39Af39BPbnDv33Bfj6Af39BAMA//8DBQH88wIDAgD///kD/f/9Afz1AAP3CgMD/AH7A/4C/QD0AfICAf0A+gMBBQD+AwT1/gH+/hsUAvj+AQAB/wEBBu0FAPQC/gYAAPn//wAAA/n6Bf3yBvwHAQT9/AECAQD39gP89wf/B/8B+/0CAwEA+PIC/PcF/AsCAv7+AgIBAgLxEwjyBfkJAQD7/gD+/wEK6gj+9QD9Bf4F+//+/AACCfEIA+8G/QYB//r+//z+/xT0CAPu/v0D/gP9/AH+/QLv+gbwEfz7/fn+BgQDAAAA/fEA+fkB+gn/AwD//v4CAfX8/fv5BP0JA/8B/AIB//7+8wMF9PoM/wP+//4EA/4B/QMQBPH9+QABAvwA/PwDAfkFEv38/PYBAgf9Af3+BAH7Hw3++gL9/v4B/fwB/wICAB0OAP8BAv38//v7Av8BA/saDf328u/+/gYB/P79/wH3DgX69/jyBf4GAPz9AAABBBoI/f3x9wH6BQP6AQD9//4GBvz89vgD/ggB+v8CAAH/ABYF/Pf7/AMC+/3+/gEABS4E9/4NAv/9AAH8AwED/gkfBfoA9vYD/wYEAP8C/vv+BQf5+vr5AvoEAP77BP/+AiEF+PkG/f8AAAD8A/8C/QAVCvn69/EBAAYB/QL+AQACAgkA+Pf1Bv0FAQH7Af8A7hUO+PgC+P7+CPr7AQAB//IVB/v0//wA/wX+/QH/AQL0FRD6+//2/wAH/f0BAQMB7hkL+/n99AACCPv//wEBAvkHBfv1//kD/wcDAPv+AAD/AAr5/QEC//wH+/oAAgQCA/8P+P8C//37Cf76/gEEAvUWDv0B+fcD/wT7Av//BAT9Ew76Af33BAAI/gD//wYC8REN+Pr99v/9B/r9AQICAPYDCvn6/P7//wf+/f8CAv37Gg39APn7AwAEAP4BAAUB/xYN+/35+AL/BQH9/wAEAO0b/vz4+vwDAgUBAAD/AATsHQn5/v32/wQI/gAAAwIE/BAV+f339fz+DP/7/wIHBPgREvj89/P8/gr9/v4BBwQEBx8M7QT2BAEGAfsCAAP+AA4dBfYF9Af+CQD7/wABAOwXDvn7APb+AQn7/wAEAQHyGAT69/v6AQAG/wD/AQEC7hkM+P7/9f8ECP0AAAMCAgAXAwYB+wENBAAAAQP++vz5KgUAAQsIBgIBAf0C/P/68wT7+/r//QoCAwL//wAAAPYlBfv/+voG/wYF/wEDAPr8CA7+/fz9/ggE/voA/AH+8BD3AvIHBwgJAgf+Af4CAA4MAv7yBgQEAgEC9gf9BP/2/Pb99QABCgP/Af8BAAAC+RP6+vD7+wb+AgL8AwAABPoPE/39A/8A/Qb6+wH+BgP3Fw75AfX4AfwJAPoCAQQBEzIA/OwS+/z5/AH5Avz9/xIsBv3uCPP9+gEC+QD8/QD+CQn89f71BvwKBP39///+/hwN/fYF+P8AAPwAAPwGAQQPC/7z+vMDAAYF///8Af70Afj6+v0ECAACAwEBAAAA8xP3/P35BQoCAgQCAgL+//Ic/Pv8/AUIAAEDAAUCAAD6Ffn9+vsICAIBCAAFAwEC/AL1/fr6CAoCAwQBAgH+A/T/9fn3/ggF/wED/wEBAP/5D/H5+PsJCQACB/4DAP8A+Bf4+/b9BAf+AQb+BAMA//wP/P35/wgGAAAF/AMCAv3zAwL+9AUHBAAC/f4CAf7++TP59fQICPn5/AP3AwICAggt/vr1BQb9/vwI9gT/BP8CMvn1+AUK+fz8B/UEAAIA+CkN/P33+fv8AgL//gEAAg//BwQBCQYFA/v3BAMBAAH5GPv+9gAHBQH+BPwDAAL++xb4+/r8BAgCAQP/A/8AARAFDwL8Bgf8/QD9+v3+//4MCBQEAQgK/P8A+/v8/gD9FP8MAfwICP39Afv7+/4A/QoCFAgBAgn//wD9/Pv9AP79DBYJAxISAv3/9/4B/fv++w4UCQASFAP7/vj9Af/6AP4HFggDCgsD+gD4//7++v3y8/n6+wH4AQoABfz8AAAACPfw/Pn7Af8F/gMABAMC/e7yBPL/Cvr8AP4CBAIBAP/68A38/v8H/fsE/wEDBgT9AQEYAff49P8DCwD+/wAFAwPyAvwBCA0H/QT8//7+AQMA8hcABQEN+f0E/wIDAgH//vER+Aj8Afv7BwIEA/0HA/PvBvr4//r9Av3+BgIAAQHz6AX6/Aj2Af/5AAIAAAMA9OsN9f0H+/oAAP8HA/8CAPXuAfMAAgD5/f8BAgH/A//y7gz1/A7++vz+/wkH/AL++e8T8QYB/fH5BwAFB/8FAfbu+vX89gAA/AD/AgECAv397xT0Bf8A7vwIAQIG/wMB7vwI8woD//74AAAKB/8C//D/Ev74DgD7/gUCBgL/Av0J7g8G8g8FC/8D+f0BAv0C/usB9/f9A/77Av7/AQAE/Pnt+/UA9f4D+//+AAAAAv727wD88AcE/v0BAgX/AAL/8vL59vr8/wP7/f4DAQIB/UYmExDqCO4F/P0I+QD8Af307wj3ABL/BAD/AQMG/QAAEBYNBukcCv7+/gLvAvoD+/7tAfQC+gX8+gAAAQT9BgEB9Pn69/8IAQH/Af0DAAX88+/8/vUCAAcD/f4DAQEC/vDw/vr2A/4EBP7+AwEDAfz17Q7z/wb4/AADAQQC/wQBCBgKA+4MAP8ABgj6AfwJBO0AAvf7DQf6+P3+Bwb/Bf7v8wX0Agf8//z/AwcEAwMC9Pn79/oDC/r7AQADAgID//PzBPL9BP35AQUBBAEABAEMLwv95B77//kDBesI+wn7BPIV/fUH+gL+Cfn6AgMB/Prs/fvy9wABAwH9AQIB/gAB8g397A/1CQAJ/fv8/QP+Cw4F/OgY+gX5Avz2APv++v//BPj6BAIB+Qb9+gIABAH6/xkF+AYI+f4B+gEGAwMC7//8/Pj8/QYB/v4BAAACAP8A/Qf+/AcPBgP/Bf7/AAEZGBQE5w7tBfsKBPX8+wX8GPgNAP7+9A0FCf0B/f0DAxQAB/nzDP8A+gP7+AD+BgP08g/3Bg8D+gEBAgIEAAEA7h8N//gA9v/9AvwC/gMFAvoBEvnwFPcD/Qn3+v/+BPv96/72/Qb9AwIAAAH8/P4D9vQI9hL5+wH9AQUD/gICAvzn/QDzAgEEAgH/AgL9/gH45wb++Ab9BAH8/AMB/QH/EO8HAPr3/QQHBfsBAf7/AgwBGwr7/PkF/Qf7/vsA/wT97Ar2+wP+/v8F/QEA/gP/7vf/AfIC/wYH/v4FAAIB/fjsAfgECfwBB///AP/9/wH67Ar/9P//AAYB+gEE//7++ev78/35/AD4AgMB/wEBAPjzCfID/Pr6/QYAAgX/BQP45v379fkB/gH8/QL/BP/99ukF9P8F+QH+/gIB/gACAgHz+fj+9AMEAAIB/QH+AgH27An0///6//wC/gQDAAcA//MD/P4EDgP7A///AwICAwT79Pz+8AcF/wQA/gEEAAb4DvP28voC//0AAv3/AAIB+ur4+Pj5AgD8//0AAAEBAADx+QT5AQ0K/f0AAAAB/AX37vb29vgBAvv/AAAAAgH98fMN+foK/P8DAv4FAAQFARog9/b3+wH9AP0L9gj8Bvzs/AzxDgf++/oBAwkGAQL++P8RAwQIDQX9APn9AgMD/zUeAgARDw36Afrz//v5Af308wj0EgcG//79AQMDAf8A+/cG9Bj7AvcCAgL8/v4AAPEDFfgWBgUC+AH9CQX+Bf/5+hH4FQEBAv8FAAX+/wEC6wUE+AYEAgEHAv8AAAQB/Pzt9/sC/AQCAgEA/P4C/wH77foA9wMDBf8C/QIB/fwAHB0GBgcSGwYF/gP0CPwB/v7x/AX3AAgMBf78Bf8A/QD++Qz2CQIDA/0I/v0A/gcAAgkI9g73Af//BwH///0EAQ0IHAkMAwkKAAP6/AH+BQH6/QzzFAgBBPoA/gMF9vsABgAL9xoCCgP+AvoCAfwAAfrv+Pr0/gYA+gADBP7+/gHv9f70AQL1AAf/Avz9BAEB9u8B/PkKCgAB/f0DAv/9/e4O//j+/vwBCQYE//4CAQIiCQoG/AEOAvcECPH9/wEB//L9+Qn5/Qz4AP8D/v7+APT3APUH//4FAv7/AQIBAP34/QD1EPgBCPoB/wICAP/7/PgE+g77Dgf8A/3+AgIEACL2DgoDAwALBAP7/f7+Bfj2/wzyBAX++/oH/QUF+wYA+vsI+P8F+An8AP8AAP4AAPoQ/fn5BAIGBgIB/gX7CvzxBQD6Cfz6BwcDAPr+AwEB/P4CABH3Dwr8//8CAQMAAvr8//4N9gsI/P4AAgECAAH6/QD+D/cMB/z/AAIBAwAA/fsC/g/2DQj8Af8CAAIAAf/2/v8M8woI/v/+AQAAAQH8+gD+D/YLCf3+/wEBAQAA+e75/P4G/v8BAQH//PwCAPjv+fz5Bf//CgID//r+BAP09AL/7gsDBgD++QAA//786zMIC/b9Bv3++/8A/f8CA/vt+vj1+gIB/f//AP8BAf/3BAD4+v0H+fv/+PwBAAUC9vb8+wD5BQD8+/n+AQEE///09Pr29AQG/wED/AMBAf749Pv8B/4LBv79AQACAf3/8Qn7++0CAgH8//v8//8AAPj2A/gKAQwE/gL/AAIDAv/5Dvr8/wAJCgT+A/8F/wP///32AAoJ+QUJBv8A+fr+/P/yCP73CAkC+wf//AECAwD+/gUI+wUMCgL/Af4B/vz7BfL7+vP7Av0CAQAAAP38ARz9Aff5+Pj//AEC///+AQH0Av0A+gQQAf7/BQD/A/8A9PAH9Ar7/P//AP4C/wEDAPbuEvz5EAD/Af/9Bgf8/f385fv+/QT3Cf7+AAEA+wADEQsC9/YJAAH1BP34AAQABAPyC/QFBP33BwT+AAP9/ggH6QH89gUECf0B/f7//AAC9OoC+f4C+AAH/QD/AQT/Afn0DfMPBwj1+wMAAgT/AgUBBAD8BvEDCgAGBPsFAgL9CP35/woCBf0EAwH7+fz9/wz7BAMH9w4MBAMF9woABgAE7QH1BvgI/P4DAfoB/wX/+vj39gAE/AAI/AP//gEAAPn9+vYB9v8DAwID/QH/A/3w9QHvAgD7+/oBAwUBAAL+8e/69/0F+gcE/QQB/gIB//7s/QT4/QMAB/8BAv77/P71+fn1+/4FAP4BAgEC/wL99Pr69v3+BgEAAgEAAv8B/f/2/vn/AAz//gL9//8AAP/w+/j6AAMHAf3+BgP/AQD+9/vyBPr6C/8FAAYD/AQAAvsBDvwY+v8Q9wT9BAD/AAEQ7v7/9ff/AggEAAAA/P4A+/UD9wwB+wAE//sE+QIAAf4ZBfrsDfn+/wL+9AL7Av307Aj1/gf7+gkB/wEBAAACBQ7yAP39CgECAAUA//3+Ae74D+8GDPf3AQYBBAUCBAMM8wDu/v37+f0FAgEA/wMBCO389Qj3AQL8AfwB/fwC//b8Afj4BPIEBgMA+f0B/wH06Pr/AAfyCQD6Af3/AP8C8/AH9QAC+fwIAwAD/wECAvfx+f0F9/4I/vv6Av4BAf/y8QLyCQL2//39AwH/AAMB9+34+//2/wX++/8B/wICAPbxAPAC+Pv+9wMAAwEAAv39+fv7AvcGC/0B/v4D/wAA+uz59/n+/QgCBAH9/gL/AQDqBfIE/Pj8+AABA//7AgIjAPfz+AH8+/0DAf78/wD8Cvb09Pjx+/v9/gL9AQD//Cj3DQn0AQL9//z//f0D//7z8//7/QMDAAP9BQD/A/0BHfr58QEAAfwGBQT/AgIA//oJ++3++/z/9wcD/P8F//369vb29vwBBPkEAwH+/f8B/vr1+wD5Agr+AAj/Afv9AfER9/ny/AL8/fv7/f78Af8H+AMM+QUc//3+//3/AvwGCur5AgT6AAIG//36AwEE//nu9/z9+AMH/f3/Av8C/wHz8/j2A/z9BP7+A//+AQH9/ewA+/wACgL9AAH8AwAA/f74DPoF+fgIAgf9/gMDCAb29v71CgEIAvv/AAID/gD+7vMG9vwI+f8DAAAGAgACAfbt+vb++PsE/P8BAgABAv/38QD0BvkBAPsCAv8BAgb99fL99wf5AgD//wL+AAME/vXx9ff59/8E+v4EAgAC///yC/0B7wICBAH9/v4B/wEBAPX0CP/7/QMFBf8B/QD+Be70/PIE//7+/P0EAwADAv4PNf8C8gsLAfv8CfQF+wgD+wAE/xb/AxH8//sF/v39/PD4BfUJ/wAE+wD+BQICBf347wb1Bfr6AwEC/wABAAcB/g7sC/oBBQMGAQYCA/oF+Qj56BQBA/4EBQb+AgT7BP/zA/z/F/sA/f3/BP//AQH/+Pz7+Qf5AQf8/fwEAP/+/+/2AfMBBQD6/wABBgUDAQH7DP/4A/UI//oAAfkCBQL+AAf9+/oBBggAAQH5BP///PbrFfwABPgA+/4DCQEBAv/4+v/1BvsHAvwC/P4CAgT+7+wG9v8I8wP//AMD/gMEAvvx+voC9AYFAAD/AAEDAQAAEusN//kBAgIFBQMF/P36EQDqEAYA/wYFCP8CBPoC/foQCgb1/wAG/wEE/AEA//8FCxUS6wAF/gIABP39/QEC/esE/v0A/gALAf7++/3+APvvAAH7/QH/CQACAvz8/AD76wX8/AP+/goB/wD+/P4A/ewG//f9Av0KAv4B/v38/u4C9wMR/v36+/4GAP0CAf/x//gFFP39/P7+BP/9AgP/8gH5/hL9APf7AQUB/QL//+0C+gIUAf/2/vsG/gAAAv7tBPsCFgD/9f37Bv4AAAD97gn7/xb7Avr6/QcBAAEB/fAB+QEU/f/2+/4FAf8B//0D7/IZ+/z7A/8F+/4K//wAAvbwEvz//Qb+BvwBCP78//jm9gr+B/YI/vz+/wX8/wMB/QD/7Qz/AwEC/f39+gH5A/r6BvgKBgUK//wA//gF+v/u8wj7+PkCBAL+/Qb8/v0A6+8SAAT+Bf3//gEB//wHAO3uEwAE/gX7AP4CAf/8BwHv5xQEBf8F+gP/AAX9/gkD7+oQBgj5B/gF/wED+/wIAfLlFAMH+wT3Bv8BA/79CADw6BAIBfsF+AUAAAP+/Qb/8ucRBAb6BfgFAAAD/v0H/u/qDgIK+wP5Bv8CAvz9Bvro9/34AgMF+/wBAAEB/wLx9v/99wcE/QP9AgMCAAAADO739/b5/vj8AQAE/AD+Avn29QT3Aw0E/wD+/wL9AAH17fX7+PT+A/77AAD+AgH+++/1+vL3BwD6/wMAAQEAAQAmAP3rCfz+//sB+QL4CgD79fEE/v8BBv0D/wAD/P0CA/P6BPEG/wX6B/3++vv9//fu+v79/gUBAPsBAv4B///48Pv6AP4L/wL/AAIA//7++u/58fj6A/n4BAUB/gAA/vvqAAP3/AYDAvv9/QQC/v3z9/cADgD68gH9A/77Av//9fj0AhH//PT//QP/+wL//+8A9gQQAf70AP8E/P0DAP0CAusI+vr/AQQEBP8G+wP8Bu7yFf0A/wT/BfkBBP76A/P79AgUAvv3AP4C/PwCA/4D6+kU/QT7BfkE/AIE/P4H8//3ARX+/Pj+/wb//AEAAAUH9QHxC/8D/wUBAfj7APgN9vMZ/fj5A/8E/QEDAfoB/+n9C/QAAgYEAPv/Bvv7/v/p/QzzAAMFAwD7AAf7+/745/gB/gT3AgT8/gD8/QEB+uf5/vr0+/8A+vsA/QEC/gP09BMB/vQF/P0B+wL7/QH58fT69fkHAv0ABQAAAwMC+OgAA/kO/gwB9/3+Af4AAv/48fr78AMG//8F/wACAADz+fn5CwT2/Pz+BQH8/vsA+ez1+Pn0/wH9/QAA/gAB/z4BAf/9/gEBAf0BAQMBBgQ+JgD28vvv+v78B/oF/f8COAXzAvgBBgADAwQD/PoACDD99ff9APoFAgYDBPj//QRyGg4EEg39DQcF/AAIAQ0FOyf39vH68voC/gwBBP0C/zEL9vH6/fb/AgQFAgL///8ZDfr58Pz++gP9Bv3//AD8JfQF+fv7+gQDBv0AAAAD/k8jBv/6Afv6+voD/AX/Ag09BAL2BAb7AQMC/QT+AgcAGfUB+gD8B/YBA/38AAUCAzz9/gH9AgsC/wIF+AECAgEs8/P7AQQCAAIC+wb3AQQBIfz18Qb2/Af7BvwC/wABAjL/AvwEDgwA+QL89/0E/vwyAvAA+vwF/QEAAQQCA/wDHv/x9QD7DP4CBwr4/f8FAif68PX+/v7/BgQEBP4CA/8o/P7zAv4D/gUEBPgHBAb7HQT69g/0DgP+CAP5BAUDAin2BwH4/AQBBgQC+gQBAv8W9/b9A/cICQAC+wL+Af0CQRr5+P8A/P0F/wcD/vwCAiL09/0F+w8DCAEA/AT9Bf4n+/XyAf8AAgMEAgD/AQP9BgLw7vrw/vr5Awf8AAL9AEQJ/vf+Bvz//P7/Af0E//4gCvDx+fj7/gcBDPwEAP/+LPn0+vj7B/4D/wP9AwIAAyP3+vj5+fv/AgP/BAAB/wIp9fv7/wkM/PYC/gD6BvgFIwfu9fn6BP39/wb+/v0BAF4bCwHyDfT++v8I+vsBAwA4Cvr79v4A+wP8B/4EAf///Pf5APn6EAP/AAD+AQQAAxbtA/IB/fUD/Aj/A/n8AQE9/fn/+QQG/P/9/wX6Bv0CHPH39/f6/P4CAwAE/QH+ASv88fn//QQBBwMEBAD+A/86+/n8AAEEBAEAAAT6AAIAWxMNAQMOAfz++fwAAQcEAkANAPwCAAQBA/0E+gD7B/0yAP76BP4DAgYAAAACAQH7LgME//P//P/9/QD5AP/+/in68/QB/gACAwQCAAABA/07+/76BwgEBPoI+AP7BQIELf/5Af74AgUJAAUAAwAD/TP/8QL2/wj6Af8FBfsB/QVMHADzBQL7/wb+BP4I/goDLwH08f/+/gMDBAMAAQAC/DIA/voE/gMCBgAAAAIBAfsvC/38FvUCDQEC+wb/AP//Of0M/wAD/QMBBfgD/wIFA3UjEAL4D+4G+QEF/AABBAQzCev89/cC+wH9CQIEAf8CKff7+fb9/v0D/wEFAAIEAT8AA/kHAv4HAAX9Av4DBgAv//bz/v/+AwUEAwEBAAP9RxP6+//+/AIGAAn/BP0A/yX2/vz0+/7+//4A/f39Af80Affz+QT6//4CAAL7AgH9H/nv+ff7/vkFAgX/AQEE/yr69vkI/A8DBgID/QQABP1cDvoFAwsLAv/+Bf8ABf8EDy37/egB/vr8+wv5AfkHBTcFAf0B+vsDAgAABP7+AwD+7AL/9P8KAf4B/P4BAwEAMv309gH8/wUJAwEDAgABAC758gL3/gv9/AEAAfz/+wo3+wf79wz2CPkL/v72/wIB","confidence":[1000,999,987,718,920,1000,450,995,753,736,958,792,998,718,947,845,885,737,958,909,996,959,499,421,422,491,729,520,921,818,442,525,996,379,784,478,310,445,920,485,292,298,434,590,567,266,590,660,516,361,642,380,466,989,965,995,919,936,427,877,944,830,465,923,916,334,979,991,980,997,683,321,385,989,884,968,710,972,904,999,999,757,913,852,442,996,997,997,725,955,597,998,645,652,745,430,965,534,976,533,547,522,938,646,696,980,996,934,406,562,806,968,806,601,999,905,993,1000,689,937,897,305,306,524,608,435,445,496,609,706,622,696,614,501,595,402,536,550,871,538,984,885,420,847,448,967,518,599,424,894,386,1000,752,569,383,237,208,311,616,297,959,472,758,629,500,454,198,680,377,379,503,826,570,319,819,387,881,999,765,366,507,450,481,489,931,595,456,524,417,703,373,262,539,482,520,465,304,960,380,530,443,796,973,497,680,993,823,737,896,870,771,464,472,763,400,364,491,504,815,988,334,490,820,966,963,469,657,673,919,612,770,677,483,399,953,882,914,935,873,940,475,475,773,1000,316,850,532,374,751,942,823,620,470,853,682,395,976,410,477,974,709,558,474,266,431,467,320,610,609,463,364,495,530,456,281,389,330,401,482,573,831,773,960,676,593,560,721,524,460,382,462,265,793,511,369,522,438,457,575,998,768,971,513,973,599,688,741,996,359,299,388,661,479,832,552,635,548,607,444,654,948,625,703,573,983,541,647,947,997,497,705,547,856,586,519,478,757,413,893,868,908,928,334,363,315,377,784,616,831,681,677,547,694,998,997,865,386,622,891,995,998,999,990,999,991,997,995,297,625,885,807,297,330,955,867,747,382,402,661,511,755,631,810,960,995,565,1000,827,580,943,674,735,443,233,950,412,368,516,940,495,1000,1000,1000,1000,1000,1000,1000,981,986,1000,1000,968,1000,1000,990,999,1000,982,1000,997,979,993,923,1000,978,999,494,1000,996,1000,999,1000,1000,1000,1000,281,560,1000,997,1000,1000,1000,1000,1000,999,1000,1000,999,1000,1000,1000,1000,998,1000,1000,1000,1000,1000,1000,1000,998,1000,999,998,1000,845,1000,574,1000,1000,998],"ink":[687,702,693,692,692,706,731,726,692,538,692,681,691,691,708,691,756,738,697,692,724,669,692,692,695,626,639,496,660,529,623,585,952,614,614,562,572,409,303,441,396,395,379,633,464,582,471,526,416,363,428,741,682,572,554,696,625,617,618,738,541,568,634,575,632,736,601,530,626,693,716,668,685,690,730,641,723,639,705,587,657,682,681,600,684,638,568,636,407,390,407,500,679,478,472,276,379,610,652,655,698,711,651,739,283,307,280,250,279,256,279,250,349,389,477,475,483,797,602,326,338,814,842,805,879,694,660,732,608,695,586,572,643,423,571,698,612,623,636,541,466,494,356,564,342,463,518,483,477,397,325,657,511,550,486,402,464,549,566,374,442,437,327,509,504,566,656,541,521,353,566,438,473,740,641,501,621,649,534,634,753,617,634,653,757,580,552,771,613,382,576,568,568,471,459,289,323,363,382,228,277,471,613,423,454,978,634,807,671,764,662,901,583,513,530,635,743,601,604,647,348,570,563,488,549,310,645,346,377,931,483,545,438,504,460,458,460,462,460,462,749,747,484,754,447,499,472,354,542,276,507,444,988,354,625,580,602,516,742,680,702,449,659,440,597,688,695,985,329,528,593,420,571,416,715,356,515,562,504,686,693,692,771,439,668,712,619,612,611,751,752,707,462,663,385,479,484,396,619,620,616,603,688,613,415,266,249,532,572,825,680,494,415,494,393,532,383,480,411,174,381,723,466,351,469,478,576,930,880,982,299,343,439,319,678,413,469,475,892,894,582,531,752,729,747,726,922,879,896,910,909,885,920,938,924,734,700,731,701,850,864,895,926,905,883,912,918,429,438,555,446,214,199,609,548,933,574,565,411,549,953,941,956,696,905,924,923,916,908,914,687,688,755,718,988,246,531,82,983,396,717,619,512,619,619,618,619,537,615,619,619,619,536,619,453,508,529,489,619,618,373,578,413,619,510,619,522,619,479,394,619,509,479,619,593,343,619,619,619,589,619,619,619,618,618,618,516,577,520,619,617,618,493,570,619,508,581,612,619,619,618,619,619,503,480,403,619,416,619,477,619]},
  };

  const COMPONENTS = 16;
  const BINS = 10; // of PSI, between the reference's deciles
  const REFERENCE = 400; // requests, of Twitter's
  const SIZES = [25, 50, 100, 200]; // requests of a window
  const WINDOWS = 100; // of a stream
  const QUIET = 4000; // windows without drift, for the histogram and the threshold
  const DRIFTED = 1000; // windows with drift, for the histogram
  const SEEDS = { reference: 11, quiet: 12, drifted: 13, stream: 1000 }; // the last one grows
  const RULE = 0.2; // of thumb, for PSI
  const PROMISED = 0.01; // share of false alarms
  const BARS = 48; // of the histogram
  const BLUE = "#0072b2";
  const ORANGE = "#d55e00";

  const NUMBERS = {
    ink: { name: "ink" },
    confidence: { name: "confidence" },
    component: { name: "first component" },
  };
  // The axis goes from 0 to high, and so does the threshold, in steps.
  const STATISTICS = {
    psi: { name: "PSI", high: 1.4, step: 0.005, decimals: 3, tick: 0.2, ofNumber: true },
    ks: { name: "KS", high: 0.6, step: 0.002, decimals: 3, tick: 0.1, ofNumber: true },
    mmd: { name: "MMD of embeddings", high: 0.4, step: 0.001, decimals: 3, tick: 0.1 },
    distance: { name: "distance of mean embeddings", high: 8, step: 0.02, decimals: 2, tick: 2 },
  };

  // --- statistics ------------------------------------------------------------------------------
  // Rows of an embedding, each an array.
  function rows(text, unit) {
    const bytes = Int8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return Array.from({ length: bytes.length / COMPONENTS }, (_, row) =>
      Array.from(bytes.subarray(row * COMPONENTS, (row + 1) * COMPONENTS), (byte) => byte * unit));
  }

  // What is measured of each picture of a set: { embedding, component, confidence, ink }.
  function unpacked({ embedding, confidence, ink }) {
    const features = rows(embedding, PICTURES.unit);
    return {
      embedding: features,
      component: features.map((row) => row[0]),
      confidence: confidence.map((value) => value / 1000),
      ink: ink.map((value) => value / 1000),
    };
  }

  const [twitter, google] = [PICTURES.twitter, PICTURES.google].map(unpacked);
  const MADE = twitter.ink.length; // pictures of each maker
  // What is drawn from, Twitter's first.
  const pool = Object.fromEntries(Object.keys(twitter).map((key) => [key, [...twitter[key], ...google[key]]]));

  // A window of n requests drawn with replacement; each is Google's with the share given.
  function drawn(random, n, share) {
    return Array.from({ length: n }, () => {
      const place = Math.floor(random() * MADE);
      return random() < share ? MADE + place : place;
    });
  }

  const known = drawn(randomNumbers(SEEDS.reference), REFERENCE, 0);
  const reference = Object.fromEntries(Object.keys(pool).map((key) => [key, known.map((place) => pool[key][place])]));

  const sorted = (values) => Float64Array.from(values).sort();

  // Between neighbours in order, as numpy.quantile has it.
  function quantile(ordered, share) {
    const place = share * (ordered.length - 1);
    const below = Math.floor(place);
    const above = Math.min(below + 1, ordered.length - 1);
    return ordered[below] + (place - below) * (ordered[above] - ordered[below]);
  }

  function decileEdges(values) {
    const ordered = sorted(values);
    return Array.from({ length: BINS - 1 }, (_, k) => quantile(ordered, (k + 1) / BINS));
  }

  // Share of each bin; half a request is added to each, so that none is empty.
  function shares(values, edges) {
    const counts = Array(BINS).fill(0.5);
    for (const value of values) {
      let bin = 0;
      while (bin < edges.length && value > edges[bin]) bin += 1;
      counts[bin] += 1;
    }
    return counts.map((count) => count / (values.length + BINS / 2));
  }

  const indexOf = (expected, found) =>
    expected.reduce((sum, e, bin) => sum + (found[bin] - e) * Math.log(found[bin] / e), 0);

  // From values to their statistic against a sample, whose part is computed once.
  function psiFrom(sample) {
    const edges = decileEdges(sample);
    const expected = shares(sample, edges);
    return (values) => indexOf(expected, shares(values, edges));
  }

  // Largest distance of two empirical distribution functions; both arrays are sorted.
  function largestGap(a, b) {
    let [i, j, largest] = [0, 0, 0];
    while (i < a.length && j < b.length) {
      const value = Math.min(a[i], b[j]);
      while (i < a.length && a[i] === value) i += 1;
      while (j < b.length && b[j] === value) j += 1;
      largest = Math.max(largest, Math.abs(i / a.length - j / b.length));
    }
    return largest;
  }

  function ksFrom(sample) {
    const ordered = sorted(sample);
    return (values) => largestGap(ordered, sorted(values));
  }

  const squaredDistance = (a, b) => a.reduce((sum, value, k) => sum + (value - b[k]) ** 2, 0);
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanRow = (points) => points[0].map((_, k) => mean(points.map((point) => point[k])));

  // What MMD needs, computed once: the Gaussian kernel between pictures of the pool, its mean between
  // each of them and the reference, and its mean within the reference. The kernel's width is the median
  // of the squared distances within the reference.
  function kernels() {
    const squared = pool.embedding.map((a) => Float64Array.from(pool.embedding, (b) => squaredDistance(a, b)));
    const width = quantile(sorted(known.flatMap((a) => known.map((b) => squared[a][b]))), 0.5);
    const amongPool = squared.map((row) => row.map((distance) => Math.exp(-distance / width)));
    const toReference = amongPool.map((row) => mean(known.map((place) => row[place])));
    return { amongPool, toReference, amongReference: mean(known.map((place) => toReference[place])) };
  }

  // The root of the chapter's MMD²: a distance. Means are over all pairs, those of a request with itself
  // too.
  function mmdOf({ amongPool, toReference, amongReference }) {
    return (window) => {
      const n = window.length;
      let [among, to] = [n / 2, 0];
      for (let k = 0; k < n; k += 1) {
        const row = amongPool[window[k]];
        for (let l = 0; l < k; l += 1) among += row[window[l]];
        to += toReference[window[k]];
      }
      return Math.sqrt(Math.max(0, (2 * among) / n ** 2 - (2 * to) / n + amongReference));
    };
  }

  function distanceOf() {
    const centre = meanRow(reference.embedding);
    return (window) => Math.sqrt(squaredDistance(meanRow(window.map((place) => pool.embedding[place])), centre));
  }

  function ofNumber(statisticFrom, number) {
    const statistic = statisticFrom(reference[number]);
    return (window) => statistic(window.map((place) => pool[number][place]));
  }

  // A function that is called once for each list of arguments.
  function remembered(compute) {
    const results = new Map();
    return (...of) => {
      const key = JSON.stringify(of);
      if (!results.has(key)) results.set(key, compute(...of));
      return results.get(key);
    };
  }

  // From a window, an array of places in the pool, to its statistic.
  const measure = remembered((statistic, number) => ({
    psi: () => ofNumber(psiFrom, number),
    ks: () => ofNumber(ksFrom, number),
    mmd: () => mmdOf(kernels()),
    distance: distanceOf,
  })[statistic]());

  // --- windows ---------------------------------------------------------------------------------
  // Statistics of so many windows that are alike, sorted.
  function population(statistic, number, n, share, count, seed) {
    const random = randomNumbers(seed);
    const value = measure(statistic, number);
    return sorted(Array.from({ length: count }, () => value(drawn(random, n, share))));
  }

  const quiet = remembered((statistic, number, n) => population(statistic, number, n, 0, QUIET, SEEDS.quiet));
  const drifted = remembered((statistic, number, n, share) =>
    population(statistic, number, n, share, DRIFTED, SEEDS.drifted));

  // Statistics of a stream's windows in order; the first `change` of them are without drift.
  function stream({ statistic, number, n, share, change }, seed) {
    const random = randomNumbers(seed);
    const value = measure(statistic, number);
    return Array.from({ length: WINDOWS }, (_, k) => value(drawn(random, n, k < change ? 0 : share)));
  }

  const over = (values, threshold) => values.filter((value) => value > threshold).length;

  // False alarms, missed windows, and which window after the change is the first with an alarm (from
  // 1; 0: none).
  function judged(values, change, threshold) {
    const after = values.slice(change);
    return {
      falseAlarms: over(values.slice(0, change), threshold),
      missed: after.length - over(after, threshold),
      delay: after.findIndex((value) => value > threshold) + 1,
    };
  }

  // The least step of the threshold's slider that at most the promised share of the values exceeds.
  function calibrated(values, step) {
    const exact = values[values.length - 1 - Math.floor(PROMISED * values.length)];
    return Math.max(0, Math.ceil(exact / step - 1e-9) * step);
  }

  globalThis.driftFunctions = {
    PICTURES, STATISTICS, pool, known, psiFrom, ksFrom, measure, drawn, quiet, stream, judged, calibrated,
  };

  // --- drawing ---------------------------------------------------------------------------------
  const percent = (share) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)}\u00a0%`;
  const counted = (count, name) => `${count.toLocaleString("en")} ${name}${count === 1 ? "" : "s"}`;

  function ordinal(k) {
    const ending = k % 100 > 10 && k % 100 < 14 ? "th" : ["th", "st", "nd", "rd"][k % 10] ?? "th";
    return `${k}${ending}`;
  }

  // Sizes in SVG units; on a phone the picture is narrower, so that its text stays legible.
  const WIDE = { width: 520, histogram: 170, height: 270, mark: 4 };
  const NARROW = { width: 255, histogram: 95, height: 300, mark: 3.2 };
  const MARGIN = { left: 52, top: 28, right: 8, bottom: 44, between: 14 };

  function axes({ width, histogram, height }, { high, tick, name, ofNumber }, number, toY) {
    const group = shape("g", { class: "axes" });
    const whole = width + MARGIN.between + histogram;
    for (let k = 0; k * tick <= high + 1e-9; k += 1) {
      const y = toY(k * tick);
      group.append(
        shape("path", { d: `M0 ${y} h${whole}`, "stroke-opacity": k === 0 ? 0.7 : 0.18 }),
        shape("text", { x: -7, y: y + 5, "text-anchor": "end" }, (k * tick).toFixed(tick < 1 ? 1 : 0)),
      );
    }
    for (let window = 0; window <= WINDOWS; window += 25) {
      group.append(shape("text", { x: (width * window) / WINDOWS, y: height + 19, "text-anchor": "middle" }, String(window)));
    }
    const right = width + MARGIN.between + histogram / 2;
    group.append(
      shape("text", { x: 0, y: -10 }, ofNumber ? `${name} of ${NUMBERS[number].name}` : name),
      shape("text", { x: width / 2, y: height + 38, "text-anchor": "middle" }, "window"),
      shape("text", { x: right, y: height + 19, "text-anchor": "middle" }, "share of"),
      shape("text", { x: right, y: height + 38, "text-anchor": "middle" }, "windows"),
    );
    return group;
  }

  // One mark a window: a dot for an alarm after the change, a cross for a false one, else a ring.
  function mark(x, y, size, alarm, drifted) {
    if (alarm && !drifted) {
      const cross = `M${x - size} ${y - size} l${2 * size} ${2 * size} m0 ${-2 * size} l${-2 * size} ${2 * size}`;
      return shape("path", { class: "false", d: cross, stroke: ORANGE, "stroke-width": 2.4, fill: "none" });
    }
    const look = alarm
      ? { class: "caught", fill: BLUE, r: 0.85 * size }
      : { class: "silent", fill: "none", stroke: "currentColor", "stroke-opacity": 0.75, r: 0.5 * size };
    return shape("circle", { cx: x, cy: y, ...look });
  }

  // Shares of values in equal bars from 0 to high; what lies beyond counts in the last.
  function heights(values, { high }) {
    const counts = Array(BARS).fill(0);
    for (const value of values) {
      counts[Math.min(Math.floor((value / high) * BARS), BARS - 1)] += 1 / values.length;
    }
    return counts;
  }

  function histograms({ width, histogram, height }, quietBars, driftedBars) {
    const largest = Math.max(...quietBars, ...driftedBars);
    const thick = height / BARS;
    const left = width + MARGIN.between;
    const top = (bar) => height - (bar + 1) * thick;
    const group = shape("g");
    quietBars.forEach((share, bar) => {
      if (share === 0) return;
      group.append(shape("rect", { class: "quiet", x: left, y: top(bar), width: (share / largest) * histogram, height: thick, fill: BLUE, "fill-opacity": 0.65 }));
    });
    const first = driftedBars.findIndex((share) => share > 0);
    const last = driftedBars.findLastIndex((share) => share > 0);
    const corners = driftedBars.slice(first, last + 1).map((share, k) =>
      `H${(left + (share / largest) * histogram).toFixed(1)} V${top(first + k).toFixed(1)}`);
    group.append(
      shape("path", { class: "drifted", d: `M${left} ${(top(first) + thick).toFixed(1)} ${corners.join(" ")} H${left}`, fill: "none", stroke: ORANGE, "stroke-width": 2 }),
      shape("path", { d: `M${left} 0 V${height}`, stroke: "currentColor", "stroke-opacity": 0.7 }),
    );
    return group;
  }

  // --- words -----------------------------------------------------------------------------------
  function outcome({ n, share, change }, { falseAlarms, missed, delay }) {
    const before = `Before the change: ${counted(falseAlarms, "false alarm")} in ${change} windows.`;
    if (share === 0) return `${before} After it nothing changes.`;
    const first = delay === 0 ? "no alarm at all" : `first alarm in the ${ordinal(delay)} of them, after ${(delay * n).toLocaleString("en")} requests`;
    return `${before} After it: ${missed} of ${WINDOWS - change} windows missed, ${first}.`;
  }

  const every = (rate) => (rate > 0 ? `one in ${(1 / rate).toFixed(rate > 0.1 ? 1 : 0)} windows` : "none");

  function expected({ n, share }, rate, power) {
    const alone = `Over the threshold: ${percent(rate)} of ${QUIET.toLocaleString("en")} windows without drift (${every(rate)})`;
    if (share === 0) return `${alone}.`;
    const wait = power > 0 ? ` (mean delay ${(1 / power).toFixed(1)} windows, ${Math.round(n / power).toLocaleString("en")} requests)` : "";
    return `${alone} and ${percent(power)} of ${DRIFTED.toLocaleString("en")} with this drift${wait}.`;
  }

  function meaning({ statistic, n, share, threshold }, rate, power) {
    const rule = statistic === "psi" && Math.abs(threshold - RULE) < 1e-9;
    if (rule && rate > 2 * PROMISED) {
      return `PSI's rule of thumb, 0.2, is the same for every size of window, but chance is not: of windows of ${n} requests without drift, ${percent(rate)} exceed it.`;
    }
    if (share === 0) return "Nothing changes in this stream: every alarm is a false one.";
    if (rate > 5 * PROMISED) return "Many alarms are false. A higher threshold has fewer of them, and misses more windows with drift.";
    if (power < 0.1) return "Few false alarms, but few windows with this drift raise an alarm either: take larger windows, or another statistic.";
    if (rate < PROMISED / 2 && power < 0.9) return "Hardly any false alarms, and a longer delay than with the threshold for 1\u00a0%.";
    if (power > 0.9) return "Few false alarms, and nearly every window with this drift raises one. A smaller share is harder to notice.";
    return "Few false alarms, and the drift is noticed after some windows. A lower threshold notices it sooner, and has more false alarms.";
  }

  function explore(stage, serial) {
    const id = (name) => `drift-${serial}-${name}`;
    const chosen = { statistic: "psi", number: "ink", n: 25, share: 0.5, change: 50, threshold: RULE };
    const phone = matchMedia("(max-width: 700px)");
    let seed = SEEDS.stream;
    let tally = { streams: 0, windows: 0, falseAlarms: 0 };

    const control = (name, label, range, text) =>
      slider(id(name), label, { ...range, value: chosen[name] }, text, (value) => {
        chosen[name] = value;
        restart();
      });
    const statistic = choice(id("statistic"), "statistic", STATISTICS, (value) => {
      chosen.statistic = value;
      number.style.display = STATISTICS[value].ofNumber ? "" : "none";
      resetThreshold();
      if (value === "psi") setThreshold(RULE);
      else calibrate();
    });
    const number = choice(id("number"), "number", NUMBERS, (value) => {
      chosen.number = value;
      restart();
    });
    const size = choice(id("n"), "window", Object.fromEntries(SIZES.map((n) => [n, { name: `${n} requests` }])), (value) => {
      chosen.n = Number(value);
      restart();
    });
    size.querySelector("select").value = String(chosen.n);
    const share = control("share", "Google's share", { min: 0, max: 1, step: 0.05 }, (value) => `${Math.round(100 * value)}\u00a0%`);
    const change = control("change", "from window", { min: 10, max: 90, step: 5 }, (value) => String(value));
    const threshold = element("div", { style: "display: contents" });
    const numbers = element("p", { class: "formula", style: "min-height: 3em" });
    const rates = element("p", { class: "formula", style: "min-height: 3em" });
    const streams = element("p", { class: "formula", style: "min-height: 1.5em" });
    const status = element("p", { role: "status" });
    const picture = shape("svg", {
      role: "img",
      "aria-label": "A statistic of each of 100 windows against a threshold, and its histogram over many windows without and with drift. The text below says how many alarms there are, and how many are false.",
    });

    // The slider is made anew for each statistic, whose units differ.
    function resetThreshold() {
      const { high, step, decimals } = STATISTICS[chosen.statistic];
      threshold.replaceChildren(control("threshold", "threshold", { min: 0, max: high, step }, (value) => value.toFixed(decimals)));
    }

    function setThreshold(value) {
      const input = threshold.querySelector("input");
      input.value = value;
      input.dispatchEvent(new Event("input"));
    }

    function calibrate() {
      setThreshold(calibrated(quiet(...kind()), STATISTICS[chosen.statistic].step));
    }

    // What of the settings decides a window's statistic.
    const kind = () => [chosen.statistic, STATISTICS[chosen.statistic].ofNumber ? chosen.number : "", chosen.n];

    // Counts the stream that is shown.
    function count() {
      const found = judged(stream(chosen, seed), chosen.change, chosen.threshold);
      tally = { streams: tally.streams + 1, windows: tally.windows + chosen.change, falseAlarms: tally.falseAlarms + found.falseAlarms };
    }

    // With other settings the count of streams begins anew.
    function restart() {
      tally = { streams: 0, windows: 0, falseAlarms: 0 };
      count();
      draw();
    }

    function proceed(more) {
      for (let k = 0; k < more; k += 1) {
        seed += 1;
        count();
      }
      draw();
    }

    function draw() {
      const look = phone.matches ? NARROW : WIDE;
      const axis = STATISTICS[chosen.statistic];
      const toY = (value) => look.height * (1 - Math.min(value / axis.high, 1));
      const toX = (window) => (look.width * (window + 0.5)) / WINDOWS;
      const values = stream(chosen, seed);
      const [without, having] = [quiet(...kind()), drifted(...kind(), chosen.share)];
      const whole = look.width + MARGIN.between + look.histogram;
      const from = (look.width * chosen.change) / WINDOWS;
      const y = toY(chosen.threshold);
      picture.setAttribute("viewBox", `${-MARGIN.left} ${-MARGIN.top} ${MARGIN.left + whole + MARGIN.right} ${MARGIN.top + look.height + MARGIN.bottom}`);
      picture.replaceChildren(
        shape("rect", { x: from, width: look.width - from, height: look.height, fill: "currentColor", "fill-opacity": chosen.share > 0 ? 0.08 : 0 }),
        axes(look, axis, chosen.number, toY),
        histograms(look, heights(without, axis), heights(having, axis)),
        shape("path", { d: `M${from} 0 V${look.height}`, stroke: "currentColor", "stroke-width": 1.5, "stroke-dasharray": "3 4" }),
        ...values.map((value, k) => mark(toX(k), toY(value), look.mark, value > chosen.threshold, k >= chosen.change && chosen.share > 0)),
        shape("path", { class: "threshold", d: `M0 ${y} H${whole}`, stroke: "currentColor", "stroke-width": 2.5, "stroke-dasharray": "9 5" }),
      );
      const [rate, power] = [over(without, chosen.threshold) / QUIET, over(having, chosen.threshold) / DRIFTED];
      numbers.textContent = outcome(chosen, judged(values, chosen.change, chosen.threshold));
      rates.textContent = expected(chosen, rate, power);
      streams.textContent = `With these settings so far: ${counted(tally.streams, "stream")}, ${tally.falseAlarms} false alarms in ${tally.windows.toLocaleString("en")} windows before the change (${percent(tally.falseAlarms / tally.windows)}).`;
      status.textContent = meaning(chosen, rate, power);
    }

    const controls = element("div", { class: "controls" },
      element("div", { class: "settings" }, statistic, number, size, share, change, threshold),
      element("div", { class: "buttons" },
        button("Threshold for 1 % false alarms", calibrate),
        button("New stream", () => proceed(1)),
        button("20 more streams", () => proceed(20))),
      numbers, rates, streams, status,
      element("p", { class: "legend" }, "Left, a stream: rings are windows without an alarm, crosses false alarms, dots alarms after the change (shaded). Right, on the same axis: blue bars, windows without drift; orange line, windows with this drift. MMD here is the root of MMD²."));
    stage.replaceChildren(element("div", { class: "explorer drift-monitor" }, element("div", { class: "plot" }, picture), controls));
    phone.addEventListener("change", draw);
    resetThreshold();
    restart();
  }

  document.querySelectorAll('[data-interactive="drift_monitor"]').forEach(explore);
})();
